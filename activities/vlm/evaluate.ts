/** Asks a set through an endpoint, keeps each answer as it comes, then scores all of them. */
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnswerKind, AnswerRow, Evaluation } from '../../config/evaluation.js';
import type { Prompt } from '../../config/resolved.js';
import type { Decoding, Endpoint } from '../../config/serving.js';
import { scoreAnswer } from '../../workflows/policies/scoring/score.js';
import { summariseAnswers } from '../../workflows/policies/scoring/summary.js';
import { sha256, toPath, toUri, writeWhole } from '../storage/files.js';
import { Asker } from './asker.js';
import { blinded, type Pictures } from './blinded.js';
import { openChat } from './chat.js';
import { systemClock } from './clock.js';
import type { VlmDeps } from './deps.js';
import { chooseItems, type Item, readItems, renderMessages } from './items.js';
import { Journal } from './journal.js';
import { defaultLimits } from './limits.js';
import { forEachAtOnce } from './pool.js';

/** How often the heartbeat tells progress, in milliseconds. */
const heartbeatEvery = 2000;

export interface EvaluateInput {
  /** Names the evaluation and its folder. */
  name: string;
  endpoint: Endpoint;
  /** A .jsonl file of task records. */
  setUri: string;
  /** So many items, chosen by the hash of seed and id; null asks all. */
  limit: number | null;
  seed: number;
  prompt: Prompt;
  answer: AnswerKind;
  decoding: Decoding;
  /** Calls at once at most. */
  concurrency: number;
  /** URI of the folder that the evaluation's own folder lies in. */
  into: string;
  labels?: string[];
  /** What scores are told apart by besides; `kind` where it is not said. */
  slices?: 'kind' | 'format';
  /** Whose pictures are shown; each item's own where it is not said. */
  pictures?: Pictures;
}

/**
 * Evaluates a set of records through an endpoint. An attempt that follows a crash, a cancel or EndpointUnavailable asks
 * only for what the journal lacks. Throws EndpointRefused, EndpointUnavailable, DatasetInvalid and NoSpace.
 */
export async function evaluateOverEndpoint(deps: VlmDeps, input: EvaluateInput): Promise<Evaluation> {
  const { endpoint, limit, seed } = input;
  const all = await readItems(input.setUri);
  const folder = await folderOf(input);
  const chosen = chooseItems(all, limit, seed);
  const items = await blinded(chosen, input.pictures ?? 'own', { seed, folder });
  const journal = await Journal.open(path.join(folder, 'journal.jsonl'));
  if (journal.damaged > 0)
    deps.log.warn('Unreadable journal lines; their items are asked again.', { lines: journal.damaged });
  const excluded = new Map<string, string>();
  let seconds: number;
  try {
    seconds = await askMissing(deps, input, { items, journal, excluded });
  } finally {
    await journal.close();
  }
  const sliced = input.slices === 'format' ? items.map((item) => ({ ...item, slice: item.format })) : items;
  const rows = sliced.map((item) => toRow(item, input.answer, journal, excluded));
  const answers = path.join(folder, items.length === all.length ? 'answers.jsonl' : `answers-${limit}-${seed}.jsonl`);
  await writeWhole(answers, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  deps.log.info('Evaluated.', { name: input.name, asked: rows.length, excluded: excluded.size, model: endpoint.model });
  return summariseAnswers(rows, {
    name: input.name,
    answersUri: toUri(answers),
    decodingDigest: digestOf({ prompt: input.prompt, decoding: input.decoding }),
    seconds,
    ...(input.labels ? { labels: input.labels } : {}),
  });
}

/** Port and host of a server of ours may change with its next start; what it answers does not. */
async function folderOf({ name, endpoint, setUri, prompt, decoding, into, pictures }: EvaluateInput): Promise<string> {
  const served = endpoint.server === null ? endpoint.baseUrl : 'local';
  const set = sha256(await readFile(toPath(setUri)));
  const shown = pictures && pictures !== 'own' ? { pictures } : {};
  const digest = digestOf({ served, model: endpoint.model, prompt, decoding, set, ...shown });
  return path.join(toPath(into), `${name.replace(/[^\w.-]+/g, '-')}-${digest}`);
}

function digestOf(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 12);
}

interface Progress {
  items: readonly Item[];
  journal: Journal;
  /** Reasons by id. */
  excluded: Map<string, string>;
}

/** Returns the seconds spent on the set, all attempts together. */
async function askMissing(
  deps: VlmDeps,
  input: EvaluateInput,
  { items, journal, excluded }: Progress,
): Promise<number> {
  const clock = deps.clock ?? systemClock;
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal(), stop.signal]);
  // Every call that waits listens to it, and more than ten would be taken for a leak.
  setMaxListeners(0, signal);
  const asker = openAsker(deps, input, signal);
  const missing = heaviestFirst(items.filter(({ id }) => !journal.answers.has(id)));
  const before = items.length - missing.length;
  const spent = journal.seconds;
  const began = clock.now();
  const seconds = () => spent + (clock.now() - began) / 1000;
  let done = 0;
  const beat = () => {
    const rate = Math.round((10_000 * done) / Math.max(1, clock.now() - began)) / 10;
    deps.heartbeat({ done: before + done, total: items.length, waiting: asker.waiting, rate });
  };
  const settle = async (item: Item) => {
    const settled = await asker.ask(() => renderMessages(item, input.prompt));
    if (settled.outcome === 'excluded') excluded.set(item.id, settled.reason);
    else await journal.append({ id: item.id, ...settled, seconds: seconds() });
    done += 1;
  };
  const timer = setInterval(beat, heartbeatEvery);
  try {
    beat();
    await forEachAtOnce(missing, input.concurrency, settle, stop);
    beat();
    return seconds();
  } finally {
    clearInterval(timer);
  }
}

function openAsker(deps: VlmDeps, input: EvaluateInput, signal: AbortSignal): Asker {
  const { endpoint, decoding, concurrency } = input;
  const limits = { ...defaultLimits, ...deps.limits };
  const chat = openChat(endpoint, { environment: deps.environment, replySeconds: limits.replySeconds });
  const { clock = systemClock, metrics } = deps;
  return new Asker({ chat, endpoint, decoding, concurrency, limits, clock, signal, metrics });
}

/** A server that takes fewer images a request than a record has says so at the first call, not in the middle. */
function heaviestFirst(items: readonly Item[]): readonly Item[] {
  const heaviest = items.reduce<Item | null>(
    (most, item) => (item.images.length > (most?.images.length ?? 0) ? item : most),
    null,
  );
  return heaviest ? [heaviest, ...items.filter((item) => item !== heaviest)] : items;
}

/** A cut or refused answer counts as invalid, whatever its text (formats C.3). */
function toRow(item: Item, kind: AnswerKind, journal: Journal, excluded: Map<string, string>): AnswerRow {
  const { id, group, slice, question, image, expected, answerKind } = item;
  const answer = journal.answers.get(id);
  const about = { id, group, slice, question, image, expected, ...(answerKind ? { answerKind } : {}) };
  if (!answer) return { ...about, ...unanswered, reason: excluded.get(id) ?? null };
  const { given, outcome, reason, promptTokens, completionTokens, milliseconds } = answer;
  const { valid, score, repaired } = scoreAnswer(answerKind ?? kind, expected, outcome === 'refused' ? null : given);
  const scores = outcome === 'answered' ? { valid, score, repaired } : { valid: false, score: 0, repaired };
  return { ...about, given, outcome, reason, ...scores, promptTokens, completionTokens, milliseconds };
}

const unanswered = {
  given: null,
  outcome: 'excluded',
  valid: false,
  score: 0,
  repaired: 0,
  promptTokens: 0,
  completionTokens: 0,
  milliseconds: 0,
} as const;
