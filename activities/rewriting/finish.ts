/** Gathers what the windows made: proposals in the order of the queue, the ledger, and the files for the review. */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { problem } from '../../config/problems.js';
import {
  type CallCounts,
  Change,
  type Review,
  type RewriteCounts,
  RewriteLedgerRow,
  type RewritePlan,
  type RewriteResult,
  type RewriteSummary,
  rewriteFates,
} from '../../config/rewriting.js';
import { appendReviews, Reviews } from '../data/records/reviews.js';
import { noSpace, readJson, readJsonLines, toPath, toUri, writeJson, writeWhole } from '../storage/files.js';
import type { Parts } from './parts.js';
import { byteOrderMark, csvHeader, csvLine } from './review/csvFile.js';
import { reviewOf } from './review/decisions.js';
import { cardsOfFile, reviewPage } from './review/page.js';
import { WindowCounts, windowFile } from './window.js';

export interface FinishInput {
  plan: RewritePlan;
  dataset: string;
  parts: Omit<Parts, 'windows'> & { windows: number };
}

/** Ranks of the queue, 0 to 9: proposals are read once a rank, so that none has to be held. */
const ranks = Array.from({ length: 10 }, (_, rank) => rank);

/** Writes changes.jsonl, ledger.jsonl, review.csv, review.html and rewrite.json. Throws `Internal` when a record is lost. */
export async function finishRewrite(input: FinishInput, beat: () => void): Promise<RewriteResult> {
  const { plan, parts } = input;
  const folder = toPath(plan.folder);
  const counts = await countsOf(input);
  const settled = rewriteFates.reduce((sum, fate) => sum + (counts.fates[fate] ?? 0), 0);
  if (settled + parts.notConcerned !== parts.read) throw lost(folder, parts, settled);
  const proposals = (counts.fates.proposed ?? 0) + (counts.fates.accepted ?? 0);
  await gather(input, beat);
  const pages = await writePages(plan, proposals, beat);
  if (plan.acceptLossless) await acceptLossless(plan);
  const summary: RewriteSummary = { schema: 'anneal.rewrite/1', plan, dataset: input.dataset, counts, pages };
  await writeJson(path.join(folder, 'rewrite.json'), summary);
  return { run: plan.run, folder: plan.folder, review: toUri(path.join(folder, pages[0] ?? 'review.html')), counts };
}

async function countsOf({ plan, parts }: FinishInput): Promise<RewriteCounts> {
  const fates = Object.fromEntries(rewriteFates.map((fate) => [fate, 0])) as RewriteCounts['fates'];
  const calls: CallCounts = { asked: 0, answered: 0, reused: 0, unanswered: 0, lost: 0 };
  for (let index = 0; index < parts.windows; index += 1) {
    const window = WindowCounts.parse(await readJson(`${windowFile(plan, index)}.json`));
    for (const fate of rewriteFates) fates[fate] += window.fates[fate] ?? 0;
    for (const name of Object.keys(calls) as (keyof CallCounts)[]) calls[name] += window.calls[name];
  }
  return { read: parts.read, notConcerned: parts.notConcerned, fates, calls };
}

async function gather({ plan, parts }: FinishInput, beat: () => void): Promise<void> {
  const folder = toPath(plan.folder);
  const changes = path.join(folder, 'changes.jsonl');
  await writeText(path.join(folder, 'ledger.jsonl'), ledgerLines(plan, parts.windows));
  await writeText(changes, queueLines(plan, parts.windows, beat));
  await writeText(path.join(folder, 'review.csv'), csvLines(changes));
}

async function* ledgerLines(plan: RewritePlan, windows: number): AsyncGenerator<string> {
  for (let index = 0; index < windows; index += 1)
    for await (const row of readJsonLines(`${windowFile(plan, index)}.ledger.jsonl`))
      yield `${JSON.stringify(RewriteLedgerRow.parse(row))}\n`;
}

async function* queueLines(plan: RewritePlan, windows: number, beat: () => void): AsyncGenerator<string> {
  for (const rank of ranks) {
    for (let index = 0; index < windows; index += 1) {
      beat();
      for await (const line of readJsonLines(`${windowFile(plan, index)}.changes.jsonl`)) {
        const change = Change.parse(line);
        if (change.rank === rank) yield `${JSON.stringify(change)}\n`;
      }
    }
  }
}

async function* csvLines(changes: string): AsyncGenerator<string> {
  yield byteOrderMark + csvHeader;
  for await (const line of readJsonLines(changes)) yield csvLine(Change.parse(line));
}

/** Written as it is made, and there whole or not at all. Throws NoSpace. */
async function writeText(file: string, text: AsyncIterable<string>): Promise<void> {
  const partial = `${file}.partial`;
  try {
    await pipeline(text, createWriteStream(partial));
    await rename(partial, file);
  } catch (error) {
    throw noSpace(error, file) ?? error;
  }
}

async function writePages(plan: RewritePlan, proposals: number, beat: () => void): Promise<string[]> {
  const folder = toPath(plan.folder);
  const count = Math.max(1, Math.ceil(proposals / cardsOfFile));
  const files = Array.from({ length: count }, (_, index) => (index === 0 ? 'review.html' : `review-${index + 1}.html`));
  let held: Change[] = [];
  let index = 0;
  const write = async () => {
    const page = {
      run: plan.run,
      purpose: plan.purpose,
      model: plan.endpoint.model,
      changes: held,
      index,
      files,
      proposals,
    };
    await writeWhole(path.join(folder, files[index] ?? 'review.html'), reviewPage(page));
    held = [];
    index += 1;
    beat();
  };
  for await (const line of readJsonLines(path.join(folder, 'changes.jsonl'))) {
    held.push(Change.parse(line));
    if (held.length === cardsOfFile) await write();
  }
  if (held.length > 0 || index === 0) await write();
  return files;
}

/** Only where the setting asks for it: fixes of form that the answer kind proves. Done again, it adds nothing. */
async function acceptLossless(plan: RewritePlan): Promise<void> {
  const file = toPath(plan.reviews);
  const known = await Reviews.read(file);
  const reviews: Review[] = [];
  const about = { by: 'Anneal (lossless)', at: new Date().toISOString(), decision: 'accept' as const };
  for await (const line of readJsonLines(path.join(toPath(plan.folder), 'changes.jsonl'))) {
    const change = Change.parse(line);
    if (change.status !== 'accepted' || known.decisionOn(change.question, change.id)) continue;
    reviews.push(reviewOf(change, { ...about, after: change.after }));
  }
  await appendReviews(file, reviews);
}

function lost(folder: string, { read, notConcerned }: FinishInput['parts'], settled: number): Error {
  return problem('Internal', {
    what: `The ledger does not add up: ${read} records read, ${notConcerned} not concerned, ${settled} with a fate.`,
    where: folder,
    todo: 'Please report this: it is a fault of Anneal, and nothing of the rewriting is used.',
  });
}
