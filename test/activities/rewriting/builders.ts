/** Rewritings for tests: a task of made pictures, its dataset, and the activities run in order, without Temporal. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { createDatasetActivities } from '../../../activities/data/index.js';
import { createRewritingActivities } from '../../../activities/rewriting/index.js';
import { toPath, toUri } from '../../../activities/storage/files.js';
import type { VlmDeps } from '../../../activities/vlm/deps.js';
import { AnswerKind } from '../../../config/evaluation.js';
import type { DatasetRef } from '../../../config/records.js';
import { Change, RewriteLedgerRow, type RewritePlan, type RewriteResult } from '../../../config/rewriting.js';
import { inputOf } from '../data/build.js';
import { depsOf } from '../vlm/builders.js';

export interface Row {
  id: string;
  question?: string;
  answer?: string | null;
}

/** One row a picture, each picture different. */
export async function writeTask(root: string, rows: readonly Row[]): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [index, { id }] of rows.entries()) {
    const background = { r: index % 256, g: (index * 7) % 256, b: Math.floor(index / 256) };
    await sharp({ create: { width: 32, height: 32, channels: 3, background } })
      .png()
      .toFile(path.join(root, `${id}.png`));
  }
  await writeRows(root, rows);
}

export async function writeRows(root: string, rows: readonly Row[]): Promise<void> {
  const lines = rows.map(({ id, question, answer }) => ({
    id,
    image: `${id}.png`,
    question: question ?? `What is ${id}?`,
    ...(answer === null ? {} : { answer: answer ?? 'cat' }),
  }));
  await writeFile(path.join(root, 'records.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

export interface Wanted {
  root: string;
  baseUrl: string;
  answer?: Parameters<typeof AnswerKind.parse>[0];
  plan?: Partial<RewritePlan>;
}

function buildInput({ root, answer = { kind: 'text' } }: Pick<Wanted, 'root' | 'answer'>) {
  const input = inputOf({ root, files: ['records.jsonl'], answer, into: path.join(root, '.anneal', 'datasets') });
  return {
    ...input,
    allowUnsettled: true,
    source: { ...input.source, unanswered: 'wait' as const, reviews: path.join(root, 'reviews.jsonl') },
  };
}

export function buildDataset(wanted: Pick<Wanted, 'root' | 'answer'>): Promise<DatasetRef> {
  return createDatasetActivities({ heartbeat: () => undefined }).buildDatasetFolder(buildInput(wanted));
}

export function planOf(wanted: Wanted): RewritePlan {
  const { root, baseUrl, answer = { kind: 'text' }, plan } = wanted;
  const purpose = plan?.purpose ?? 'correct';
  const blind = purpose === 'correct' || purpose === 'answer';
  const run = plan?.run ?? `rewrite-test-${purpose}.1a2b3c4d`;
  return {
    run,
    folder: toUri(path.join(root, '.anneal', 'rewrites', run)),
    store: toUri(path.join(root, '.anneal', 'answers')),
    reviews: toUri(path.join(root, 'reviews.jsonl')),
    source: buildInput(wanted).source,
    answer: AnswerKind.parse(answer),
    prompt: { system: null, template: '{question}' },
    purpose,
    endpoint: { baseUrl, model: 'stand-in', apiKeyVariable: null, server: null },
    judge: null,
    style: purpose === 'style' ? { text: 'a whole sentence', examples: [] } : null,
    pictures: blind,
    decoding: { temperature: blind ? 0.7 : 0, maximumTokens: 64 },
    runs: blind ? 3 : 1,
    concurrency: 4,
    windowRecords: 50,
    limit: null,
    length: { least: 0.5, most: 2 },
    acceptLossless: false,
    ...plan,
  };
}

export interface Rewritten {
  plan: RewritePlan;
  dataset: DatasetRef;
  result: RewriteResult;
  changes: Change[];
  ledger: RewriteLedgerRow[];
  /** Path of a file of the rewriting. */
  file(name: string): string;
}

/** Builds, cuts, rewrites every window, and gathers. */
export async function rewrite(wanted: Wanted, over: Partial<VlmDeps> = {}): Promise<Rewritten> {
  const plan = planOf(wanted);
  const ref = await buildDataset(wanted);
  const result = await rewriteDataset(plan, ref.uri, over);
  const file = (name: string) => path.join(toPath(plan.folder), name);
  const lines = async (name: string) =>
    (await readFile(file(name), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const changes = (await lines('changes.jsonl')).map((line) => Change.parse(line));
  const ledger = (await lines('ledger.jsonl')).map((line) => RewriteLedgerRow.parse(line));
  return { plan, dataset: ref, result, changes, ledger, file };
}

/** What the workflow does once the dataset is there. */
export async function rewriteDataset(
  plan: RewritePlan,
  dataset: string,
  over: Partial<VlmDeps> = {},
): Promise<RewriteResult> {
  const activities = createRewritingActivities(depsOf(over));
  const { windows, ...parts } = await activities.cutRewriteParts({ plan, dataset });
  for (const [index, window] of windows.entries()) await activities.rewriteWindow({ plan, dataset, index, window });
  return activities.finishRewrite({ plan, dataset, parts: { ...parts, windows: windows.length } });
}

/** Fates by record. */
export function fatesOf({ ledger }: Pick<Rewritten, 'ledger'>): Record<string, string> {
  return Object.fromEntries(ledger.map(({ record, fate }) => [record, fate]));
}
