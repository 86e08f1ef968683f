/** Rewrites the records of some neighbouring shards; what is done is found again, and nothing is asked twice. */
import path from 'node:path';
import { z } from 'zod';
import {
  CallCounts,
  type Change,
  type MeaningCheck,
  type RewriteLedgerRow,
  type RewritePlan,
  rewriteFates,
} from '../../config/rewriting.js';
import { withoutThoughts } from '../../workflows/policies/scoring/thoughts.js';
import { Reviews } from '../data/records/reviews.js';
import { readIfThere } from '../processes/there.js';
import { toPath, writeJson, writeWhole } from '../storage/files.js';
import type { VlmDeps } from '../vlm/deps.js';
import type { Item } from '../vlm/items.js';
import { forEachAtOnce } from '../vlm/pool.js';
import { questionText, type RewriteItem } from './items.js';
import { partItems, type Window } from './parts.js';
import { answerAsking, entailmentAsking, rewriteAsking } from './prompts.js';
import {
  byAgreement,
  byRewrite,
  byRule,
  type Candidate,
  changeOf,
  type Fallen,
  fallen,
  isFallen,
  ledgerRow,
} from './propose.js';
import { Questioner } from './questioner.js';

/** How often the heartbeat tells progress, in milliseconds. */
const heartbeatEvery = 2000;

export const WindowCounts = z.strictObject({ fates: z.record(z.enum(rewriteFates), z.int()), calls: CallCounts });
export type WindowCounts = z.infer<typeof WindowCounts>;

export interface WindowInput {
  plan: RewritePlan;
  /** URI of the dataset folder. */
  dataset: string;
  /** Which window of the rewriting this is. */
  index: number;
  window: Window;
}

/** Writes windows/<index>.changes.jsonl, .ledger.jsonl and .json. Throws as `Asker.ask` does, and NoSpace. */
export async function rewriteWindow(deps: VlmDeps, input: WindowInput): Promise<WindowCounts> {
  const base = windowFile(input.plan, input.index);
  const done = WindowCounts.safeParse(await readIfThere(`${base}.json`));
  if (done.success) return done.data;
  const { changes, rows, calls } = await settleAll(deps, input);
  await writeWhole(`${base}.changes.jsonl`, linesOf(changes));
  await writeWhole(`${base}.ledger.jsonl`, linesOf(rows));
  const counts: WindowCounts = { fates: fatesOf(rows), calls };
  await writeJson(`${base}.json`, counts);
  return counts;
}

export function windowFile({ folder }: RewritePlan, index: number): string {
  return path.join(toPath(folder), 'windows', String(index).padStart(5, '0'));
}

function linesOf(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

export function fatesOf(rows: readonly RewriteLedgerRow[]): WindowCounts['fates'] {
  const fates = Object.fromEntries(rewriteFates.map((fate) => [fate, 0])) as WindowCounts['fates'];
  for (const { fate } of rows) fates[fate] += 1;
  return fates;
}

async function settleAll(deps: VlmDeps, { plan, dataset, window }: WindowInput) {
  const items = await itemsOf(plan, window);
  const reviews = await Reviews.read(toPath(plan.reviews));
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal(), stop.signal]);
  const questioner = new Questioner(deps, { store: plan.store, signal, concurrency: plan.concurrency });
  const outcomes = new Map<RewriteItem, Candidate | Fallen>();
  const began = Date.now();
  const beat = () => {
    const rate = Math.round((10_000 * outcomes.size) / Math.max(1, Date.now() - began)) / 10;
    deps.heartbeat({ done: outcomes.size, total: items.length, waiting: questioner.waiting, rate });
  };
  const timer = setInterval(beat, heartbeatEvery);
  try {
    beat();
    const settle = async ({ item, shard }: Placed) => {
      outcomes.set(item, await new Settler(plan, dataset, questioner).settle(item, shard));
    };
    await forEachAtOnce(items, plan.concurrency, settle, stop);
    beat();
    const calls = await questioner.counts();
    const settled = items.map(({ item }) => settledRow(plan, item, outcomes.get(item), { dataset, reviews }));
    return { changes: settled.flatMap(({ change }) => change ?? []), rows: settled.map(({ row }) => row), calls };
  } finally {
    clearInterval(timer);
    await questioner.close();
  }
}

interface Placed {
  item: RewriteItem;
  shard: string;
}

async function itemsOf(plan: RewritePlan, { shards }: Window): Promise<Placed[]> {
  const items: Placed[] = [];
  for (const shard of shards) for await (const item of partItems(plan, shard)) items.push({ item, shard });
  return items;
}

function settledRow(
  plan: RewritePlan,
  item: RewriteItem,
  outcome: Candidate | Fallen | undefined,
  where: { dataset: string; reviews: Reviews },
): { change: Change | null; row: RewriteLedgerRow } {
  if (!outcome) throw new Error(`Record ${item.record} has no outcome.`);
  return isFallen(outcome) ? { change: null, row: ledgerRow(item, outcome) } : changeOf(plan, item, outcome, where);
}

/** What becomes of one record. */
class Settler {
  private readonly plan: RewritePlan;
  private readonly dataset: string;
  private readonly questioner: Questioner;

  constructor(plan: RewritePlan, dataset: string, questioner: Questioner) {
    this.plan = plan;
    this.dataset = toPath(dataset);
    this.questioner = questioner;
  }

  async settle(item: RewriteItem, shard: string): Promise<Candidate | Fallen> {
    const { plan } = this;
    const rule = byRule(plan, item);
    if (rule) return rule;
    const { question } = item;
    const voice = { endpoint: plan.endpoint, decoding: plan.decoding };
    if (plan.purpose === 'correct' || plan.purpose === 'answer') {
      const asking = answerAsking(plan, item, this.seen(item));
      const runs = Array.from({ length: plan.runs }, (_, run) =>
        this.questioner.ask(asking, voice, { question, shard, run }),
      );
      return byAgreement(plan, item, await allSettled(runs));
    }
    const asking = rewriteAsking(plan, item, this.seen(item));
    const outcome = byRewrite(plan, item, await this.questioner.ask(asking, voice, { question, shard, run: 0 }));
    return isFallen(outcome) ? outcome : await this.judged(item, outcome, shard);
  }

  /** Entailment both ways, each in a call of its own; never by the call that wrote the text. */
  private async judged(item: RewriteItem, candidate: Candidate, shard: string): Promise<Candidate | Fallen> {
    const { judge } = this.plan;
    if (judge === null || item.before === null) return candidate;
    const voice = { endpoint: judge, decoding: { temperature: 0, maximumTokens: 16 } };
    const pairs = [
      [item.before, candidate.after],
      [candidate.after, item.before],
    ] as const;
    const asked = pairs.map(([one, other]) => entailmentAsking(questionText(item), one, other));
    const told = await allSettled(
      asked.map((each) => this.questioner.ask(each, voice, { question: item.question, shard, run: 0 })),
    );
    const verdicts = told.map((each) => (each.outcome === 'answered' ? verdictOf(each.given) : null));
    const passes = verdicts.every((verdict) => verdict === 'yes');
    const detail = passes ? '' : `the judge says ${verdicts.map((verdict) => verdict ?? 'nothing').join(' and ')}`;
    const check: MeaningCheck = { name: 'entailment', passes, detail };
    if (!passes) return fallen('withheld', `${check.name}: ${detail}`, candidate.after);
    return { ...candidate, checks: [...candidate.checks, check] };
  }

  /** The record as the client of the endpoint renders it. */
  private seen({ record, messages, images }: RewriteItem): Item {
    return {
      id: record,
      group: record,
      slice: null,
      question: '',
      image: null,
      expected: '',
      answerKind: null,
      format: null,
      asItStands: true,
      messages,
      images: images.map((image) => path.join(this.dataset, image)),
    };
  }
}

function verdictOf(given: string | null): 'yes' | 'no' | null {
  const [word = ''] =
    withoutThoughts(given ?? '')
      .toLowerCase()
      .match(/\p{L}+/u) ?? [];
  return word === 'yes' || word === 'no' ? word : null;
}

/** Waits for all even when one fails, so that no call goes on behind the caller's back; then throws the first failure. */
async function allSettled<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
