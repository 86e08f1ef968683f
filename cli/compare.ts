/** Two finished runs on the same test items: does the larger model pay (R17)? */
import path from 'node:path';
import { z } from 'zod';
import { bothAnswers } from '../activities/evaluation/compareAnswers.js';
import { readIfThere } from '../activities/processes/there.js';
import { readPersonsLines } from '../activities/storage/personsLines.js';
import type { AnswerRow } from '../config/evaluation.js';
import { problem } from '../config/problems.js';
import { fewestSizes } from '../workflows/policies/learningCurve.js';
import { maximumExcluded } from '../workflows/policies/scoreGate.js';
import { type Choice, type Rivalry, smallAgainstLarge } from '../workflows/policies/smallAgainstLarge.js';
import { quantileOf } from '../workflows/policies/statistics/random.js';
import { findRunFolder } from './runFiles.js';
import type { Shell } from './shell.js';
import { bringStoredReports, storeOf } from './storedReports.js';

/** What a person says of prices, limits and worth. */
export interface Wish
  extends Pick<Rivalry, 'value' | 'volume' | 'extraTraining' | 'maximumLatency' | 'minimumEffect' | 'itemPrice'> {
  /** Price of a thousand answers of each; null where nobody said. */
  smallCost: number | null;
  largeCost: number | null;
  /** File of lines {id, confidence} of the small model; null for none. */
  confidence: string | null;
  /** File of lines {model, n, correct, total}: the learning curves of both; null for none. */
  curves: string | null;
}

/** One of the two runs, as the comparison shows it. */
export interface ComparedRun {
  run: string;
  score: number;
  /** Milliseconds, 95th percentile. */
  latency: number;
}

export interface Comparison {
  small: ComparedRun;
  large: ComparedRun;
  choice: Choice;
}

const Answers = z.object({ business: z.object({ answersUri: z.string() }).nullable() });
const Report = z.object({ before: Answers, after: Answers });
const Confidence = z.object({ id: z.string(), confidence: z.number() });
const OnCurve = z
  .object({
    model: z.enum(['small', 'large']),
    n: z.int().positive(),
    correct: z.int().nonnegative(),
    total: z.int().positive(),
  })
  .refine(({ correct, total }) => correct <= total, 'no more can be correct than total');

/** Throws InvalidInput where a run is unknown, has no answers, or both answered other items. */
export async function compareRuns(
  place: Pick<Shell, 'root' | 'env'>,
  [small, large]: [string, string],
  wish: Wish,
): Promise<Comparison> {
  await bringStoredReports(place);
  const runs = [await runWithAnswers(place, small), await runWithAnswers(place, large)] as const;
  const { pairs, excluded } = await bothAnswers(runs[0].answersUri, runs[1].answersUri);
  requireAnswers(pairs.length, excluded, [small, large]);
  requireSameItems(pairs, runs[0].run, runs[1].run);
  const sureness = wish.confidence === null ? null : await confidences(path.resolve(place.root, wish.confidence));
  const { curves: file, ...said } = wish;
  const measured = file === null ? {} : { curves: await curvesIn(path.resolve(place.root, file)) };
  const rows = { small: pairs.map(({ before }) => before), large: pairs.map(({ after }) => after) };
  const told = { small: comparedRun(runs[0].run, rows.small), large: comparedRun(runs[1].run, rows.large) };
  const choice = smallAgainstLarge({
    ...said,
    ...measured,
    small: { costPerThousand: wish.smallCost, latency: told.small.latency },
    large: { costPerThousand: wish.largeCost, latency: told.large.latency },
    items: pairs.map(({ before, after }) => ({
      group: before.group,
      small: before.score,
      large: after.score,
      confidence: sureness?.get(before.id) ?? null,
    })),
  });
  return { ...told, choice };
}

/** Above 2 % of items without an answer there is no verdict (methods, rule 5). */
function requireAnswers(answered: number, excluded: number, runs: readonly string[]): void {
  if (excluded <= maximumExcluded * (answered + excluded)) return;
  throw problem('InvalidInput', {
    what: `${excluded} of ${answered + excluded} items got no answer from one of the two endpoints: above 2 % nothing can be told.`,
    where: runs.join(' and '),
    todo: 'Run the evaluation of that run again; only what lacks an answer is asked.',
  });
}

async function runWithAnswers(
  place: Pick<Shell, 'root' | 'env'>,
  wanted: string,
): Promise<{ run: string; answersUri: string }> {
  const { run, folder } = await findRunFolder(place, wanted);
  const report = Report.safeParse(await readIfThere(path.join(folder, 'report.json')));
  const answersUri = report.data?.after.business?.answersUri ?? report.data?.before.business?.answersUri;
  if (answersUri !== undefined) return { run, answersUri: await answersHere(place, answersUri) };
  throw problem('InvalidInput', {
    what: `The run ${run} has no answers on the test items yet.`,
    where: folder,
    todo: 'Wait until it has evaluated; `anneal status` shows how far it is.',
  });
}

/** Brings answers that lie in a store. */
async function answersHere(place: Pick<Shell, 'root' | 'env'>, uri: string): Promise<string> {
  const mirror = await storeOf(place);
  await mirror?.bring(uri);
  const here = mirror ? mirror.toLocal(uri) : uri;
  if (here.startsWith('file:')) return here;
  throw problem('InvalidInput', {
    what: 'The answers of this run lie in another store.',
    where: uri,
    todo: 'Set ANNEAL_STORE to the store of the workers that made it.',
  });
}

function requireSameItems(pairs: { before: AnswerRow; after: AnswerRow }[], small: string, large: string): void {
  const other = pairs.filter(({ before, after }) => before.expected !== after.expected);
  if (pairs.length > 0 && other.length === 0) return;
  throw problem('InvalidInput', {
    what:
      pairs.length === 0
        ? 'The two runs answered no test item in common.'
        : `${other.length} of ${pairs.length} test items have other expected answers, the first: ${other[0]?.before.id}.`,
    where: `${small} and ${large}`,
    todo: 'Compare two runs of one task on the same records, the small model first.',
  });
}

function comparedRun(run: string, rows: readonly AnswerRow[]): ComparedRun {
  return {
    run,
    score: rows.reduce((sum, { score }) => sum + score, 0) / rows.length,
    latency: Math.round(
      quantileOf(
        rows.map(({ milliseconds }) => milliseconds),
        0.95,
      ),
    ),
  };
}

async function confidences(file: string): Promise<Map<string, number>> {
  const todo = 'Write each line as {"id": "the id of a test item", "confidence": 0.93}.';
  const told = await readPersonsLines(file, Confidence, { type: 'InvalidInput', todo });
  return new Map(told.map(({ id, confidence }) => [id, confidence]));
}

async function curvesIn(file: string): Promise<NonNullable<Rivalry['curves']>> {
  const todo = 'Write each line as {"model": "small", "n": 250, "correct": 180, "total": 400}.';
  const points = await readPersonsLines(file, OnCurve, { type: 'InvalidInput', todo });
  const of = (model: 'small' | 'large') => points.filter((point) => point.model === model);
  const curves = { small: of('small'), large: of('large') };
  for (const [model, curve] of Object.entries(curves)) {
    const sizes = new Set(curve.map(({ n }) => n)).size;
    if (sizes < fewestSizes)
      throw problem('InvalidInput', {
        what: `The curve of the ${model} model has ${sizes} sizes of training data, and ${fewestSizes} are needed.`,
        where: file,
        todo: `Train it on a quarter, a half and all of the records, and add a line for each. ${todo}`,
      });
  }
  return curves;
}
