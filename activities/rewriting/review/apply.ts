/** `anneal data review`: reads decisions, checks all of them, and only then writes. No source file is touched. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { Change, type Review, type RewritePurpose, RewriteSummary } from '../../../config/rewriting.js';
import { appendReviews, Reviews } from '../../data/records/reviews.js';
import { readIfThere, unlessMissing } from '../../processes/there.js';
import { readJsonLines, toPath } from '../../storage/files.js';
import { type DecisionCell, readDecisions } from './csvFile.js';
import { reviewOf, type Verdict, verdictsOf } from './decisions.js';
import { staleChanges } from './stale.js';

export interface ReviewWish {
  /** Folder of a rewriting. */
  folder: string;
  /** CSV file with decisions; null where only `acceptAllOf` decides. */
  csv: string | null;
  acceptAllOf: RewritePurpose | null;
  by: string;
  at: string;
  dryRun: boolean;
}

export interface ReviewOutcome {
  run: string;
  reviews: string;
  written: number;
  accepted: number;
  edited: number;
  refused: number;
  /** Decisions that were in the file of decisions before. */
  already: number;
  /** Proposals without a decision. */
  open: number;
  /** What is wrong, a sentence each; nothing is written then. */
  faults: string[];
}

/** Throws InvalidInput where there is no rewriting, DatasetInvalid where its files can't be read. */
export async function applyReview(wish: ReviewWish): Promise<ReviewOutcome> {
  const { plan } = await readSummary(wish.folder);
  const { cells, faults } = await cellsOf(wish, plan.run);
  const changes = await readChanges(wish, cells);
  const read = verdictsOf(cells, changes.named, plan.answer);
  const verdicts = withAll(read.verdicts, changes.named, wish.acceptAllOf);
  const file = toPath(plan.reviews);
  const known = await Reviews.read(file);
  const decided = newReviews(verdicts, changes.named, known, wish);
  const stale = plan.source === null ? [] : await staleOf(plan.source, decided, changes.named, known);
  const all = [...faults, ...read.faults, ...stale];
  if (all.length === 0 && !wish.dryRun) await appendReviews(file, decided);
  const counts = (decision: Review['decision']) => decided.filter((each) => each.decision === decision).length;
  return {
    run: plan.run,
    reviews: file,
    written: all.length === 0 && !wish.dryRun ? decided.length : 0,
    accepted: counts('accept'),
    edited: counts('edit'),
    refused: counts('refuse'),
    already: verdicts.size - decided.length,
    open: await openOnes(changes.file, known, verdicts),
    faults: all,
  };
}

async function readSummary(folder: string): Promise<RewriteSummary> {
  const file = path.join(folder, 'rewrite.json');
  const found = await readIfThere(file);
  if (found !== null) return RewriteSummary.parse(found);
  throw problem('InvalidInput', {
    what: 'There is no finished rewriting: the folder has no rewrite.json.',
    where: folder,
    todo: 'Name a folder below .anneal/rewrites, or the review.csv in it; `anneal data rewrite` makes them.',
  });
}

async function cellsOf({ csv }: ReviewWish, run: string): Promise<{ cells: DecisionCell[]; faults: string[] }> {
  if (csv === null) return { cells: [], faults: [] };
  const bytes = await unlessMissing(readFile(csv));
  if (bytes === null)
    throw problem('InvalidInput', {
      what: 'There is no such file.',
      where: csv,
      todo: 'Name the CSV file with the decisions.',
    });
  const { cells, faults } = readDecisions(bytes, csv);
  const others = cells.filter((cell) => cell.run !== null && cell.run !== run);
  const foreign = others
    .slice(0, 1)
    .map(({ line }) => `line ${line}: this decision is of another rewriting than ${run}.`);
  return { cells: others.length > 0 ? [] : cells, faults: [...faults, ...foreign] };
}

/** Only the changes that somebody decides about are held. */
async function readChanges({ folder, acceptAllOf }: ReviewWish, cells: readonly DecisionCell[]) {
  const file = path.join(folder, 'changes.jsonl');
  const ids = new Set(cells.map(({ id }) => id));
  const named = new Map<string, Change>();
  for await (const line of readJsonLines(file)) {
    const change = Change.parse(line);
    if (ids.has(change.id) || change.purpose === acceptAllOf) named.set(change.id, change);
  }
  return { file, named };
}

/** What a person decided one by one goes before what they decided for all. */
function withAll(
  verdicts: Map<string, Verdict>,
  changes: ReadonlyMap<string, Change>,
  purpose: RewritePurpose | null,
): Map<string, Verdict> {
  const all = [...changes.values()].filter((change) => change.purpose === purpose && !verdicts.has(change.id));
  return new Map([...verdicts, ...all.map(({ id, after }): [string, Verdict] => [id, { decision: 'accept', after }])]);
}

function newReviews(
  verdicts: ReadonlyMap<string, Verdict>,
  changes: ReadonlyMap<string, Change>,
  known: Reviews,
  { by, at, acceptAllOf }: ReviewWish,
): Review[] {
  return [...verdicts].flatMap(([id, { decision, after }]) => {
    const change = changes.get(id);
    if (!change) return [];
    const before = known.decisionOn(change.question, id);
    const same = before?.decision === decision && before.after === after;
    // All of a purpose means all that nobody has decided yet.
    const settled = before !== null && acceptAllOf !== null;
    return same || settled ? [] : [reviewOf(change, { by, at, decision, after })];
  });
}

async function staleOf(
  source: Parameters<typeof staleChanges>[0],
  decided: readonly Review[],
  changes: ReadonlyMap<string, Change>,
  known: Reviews,
): Promise<string[]> {
  const accepted = decided
    .filter(({ decision }) => decision !== 'refuse')
    .flatMap(({ change }) => changes.get(change) ?? []);
  const stale = await staleChanges(source, accepted, known);
  return stale.map(
    ({ id, record }) =>
      `${id}: record ${record} has changed in its source since; rewrite again, or leave the cell empty.`,
  );
}

async function openOnes(file: string, known: Reviews, verdicts: ReadonlyMap<string, Verdict>): Promise<number> {
  let open = 0;
  for await (const line of readJsonLines(file)) {
    const { id, question } = Change.parse(line);
    if (!verdicts.has(id) && known.decisionOn(question, id) === null) open += 1;
  }
  return open;
}
