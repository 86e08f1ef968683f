/** Successive halving as the recipe does it, whatever trains the trials: a workflow, a bench, or a simulation. */
import type { SweepSettings, Tuning } from '../../config/sweep.js';
import { pickLearningRate } from '../policies/pickLearningRate.js';
import { type Choice, chooseTrial, contenders } from '../policies/sweep/choose.js';
import { judgeNoise, type Noise } from '../policies/sweep/noise.js';
import { type Outcome, rankedOf } from '../policies/sweep/outcome.js';
import { promote } from '../policies/sweep/promote.js';
import { planRungs, type Rung } from '../policies/sweep/rungs.js';
import { proposeTunings } from '../policies/sweep/space.js';
import { Ledger } from './ledger.js';
import type { SweepWorld, Wish } from './world.js';

export interface HalvingPlan {
  settings: SweepSettings;
  /** What is trained with where nothing is searched; its rate is not used. */
  defaults: Tuning;
  /** Of the proposals. */
  seed: number;
  /** False for runs from before: the noise of the lowest rung counts at every other one as it is. */
  noiseScales?: boolean;
}

const overBudget = 'left: the budget does not bear it';

/** How often a best rate at the grid's edge may extend the grid. */
const maximumExtensions = 2;

/**
 * R10: the rates alone at the lowest rung, then trials around the best of them, then rung by rung the better third on from
 * their checkpoints, and at last more seeds of those that noise can't tell apart (methods M6).
 */
export async function halve(plan: HalvingPlan, world: SweepWorld): Promise<Choice & { table: readonly Outcome[] }> {
  const { settings } = plan;
  const rungs = planRungs(settings);
  const ledger = new Ledger(settings, world);
  const [lowest] = rungs as [Rung];

  const rates = await ratesAlone(plan, lowest, ledger);
  const [best] = rankedOf(rates);
  const noise = best ? await noiseOf(best, lowest, ledger, plan) : null;
  const proposed = best ? await trialsAround(best, rates.length, plan, lowest, ledger) : [];

  let level = [...rates, ...proposed];
  for (const [index, { epochs, quota }] of rungs.slice(1).entries()) {
    const rung = index + 2;
    const promotion = promote(level, { quota, noise });
    await world.decide(`sweep/rung-${rung - 1}`, promotion);
    const wishes = promotion.promoted.map((below): Wish => ({ ...wishOf(below), rung, epochs, below }));
    const allowed = await ledger.afford(`sweep/budget-${rung}`, wishes);
    const goOn = new Set(allowed.map(({ trial }) => trial));
    const cut = new Set(wishes.map(({ trial }) => trial).filter((trial) => !goOn.has(trial)));
    for (const outcome of level)
      await world.tell(outcome, cut.has(outcome.trial) ? overBudget : (promotion.fates[outcome.trial] ?? ''));
    if (allowed.length === 0) break;
    await ledger.release(level.filter(({ trial }) => !goOn.has(trial)));
    level = await ledger.train(allowed);
  }

  const finalists = contenders(level, { finalists: settings.finalists, seedSd: noise?.sd ?? null });
  const judged = finalists.length > 0 ? await withSeeds(finalists, rungs, ledger, settings) : level;
  const choice = chooseTrial(judged, settings);
  for (const outcome of level) await world.tell(outcome, endOf(outcome, choice, finalists));
  await ledger.release(ledger.table.filter((outcome) => outcome !== choice.chosen));
  return { ...choice, table: ledger.table };
}

/** Every rate of the grid at the lowest rung, all else by default; a best value at the edge extends the grid. */
async function ratesAlone({ settings, defaults }: HalvingPlan, { epochs }: Rung, ledger: Ledger): Promise<Outcome[]> {
  const grid = [...settings.learningRates].sort((a, b) => a - b);
  const outcomes: Outcome[] = [];
  let pending = grid;
  for (let extensions = 0; ; extensions += 1) {
    const wishes = pending.map((learningRate, index): Wish => {
      const trial = nameOf(outcomes.length + index);
      return { trial, tuning: { ...defaults, learningRate }, rung: 1, seed: 1, epochs, below: null };
    });
    // The grid itself is always trained: without it there is nothing to choose from.
    const allowed = extensions === 0 ? wishes : await ledger.afford(`sweep/budget-extend-${extensions}`, wishes);
    if (allowed.length === 0) return outcomes;
    outcomes.push(...(await ledger.train(allowed)));
    const extendAtEdge = settings.extendAtEdge && extensions < maximumExtensions;
    const trials = outcomes.map((each) => ({
      ...each,
      name: each.trial,
      learningRate: each.tuning.learningRate,
      exact: null,
    }));
    const choice = pickLearningRate(trials, { grid, minimumEffect: settings.minimumEffect, extendAtEdge, extensions });
    if (choice.verdict !== 'extend' || choice.learningRate === null) return outcomes;
    await ledger.world.decide(`sweep/extend-${extensions + 1}`, choice);
    grid.push(choice.learningRate);
    pending = [choice.learningRate];
  }
}

/** The noise between seeds, by more seeds of the best rate at the lowest rung; null where none was measured. */
async function noiseOf(
  best: Outcome,
  { epochs }: Rung,
  ledger: Ledger,
  { settings: { seeds }, noiseScales = true }: HalvingPlan,
): Promise<Pick<Noise, 'sd' | 'loss'> | null> {
  if (seeds < 2) return null;
  const wishes = seedsFrom(2, seeds).map((seed): Wish => ({ ...wishOf(best), epochs, seed, below: null }));
  const allowed = await ledger.afford('sweep/budget-noise', wishes);
  if (allowed.length === 0) return null;
  const noise = judgeNoise([best, ...(await ledger.train(allowed))]);
  await ledger.world.decide('sweep/noise', noise);
  return noiseScales ? noise : { sd: noise.sd, loss: null };
}

/** As many trials as are still to come, around the best rate. */
async function trialsAround(
  best: Outcome,
  tried: number,
  { settings, seed }: HalvingPlan,
  { epochs }: Rung,
  ledger: Ledger,
) {
  const tunings = proposeTunings(settings, { centre: best.tuning, count: settings.trials - tried, seed });
  const wishes = tunings.map((tuning, index): Wish => {
    return { trial: nameOf(tried + index), tuning, rung: 1, seed: 1, epochs, below: null };
  });
  return ledger.train(await ledger.afford('sweep/budget-1', wishes));
}

/** The finalists with further seeds of each, from the beginning; a single one needs none. */
async function withSeeds(
  finalists: Outcome[],
  rungs: Rung[],
  ledger: Ledger,
  { seeds }: SweepSettings,
): Promise<Outcome[]> {
  if (finalists.length < 2) return finalists;
  const wishes = seedsFrom(2, seeds).flatMap((seed) =>
    finalists.map((each): Wish => {
      return { ...wishOf(each), epochs: rungs[each.rung - 1]?.epochs ?? 0, seed, below: null };
    }),
  );
  const fresh = wishes.filter(({ trial, rung, seed }) => !ledger.find(trial, rung, seed));
  const known = wishes.flatMap(({ trial, rung, seed }) => ledger.find(trial, rung, seed) ?? []);
  return [...finalists, ...known, ...(await ledger.train(await ledger.afford('sweep/budget-seeds', fresh)))];
}

function endOf({ trial, failed }: Outcome, { chosen }: Choice, finalists: readonly Outcome[]): string {
  if (failed !== null) return `failed: ${failed.slice(0, 160)}`;
  if (trial === chosen?.trial) return 'taken';
  return finalists.some((each) => each.trial === trial) ? 'left: a finalist' : 'left: not among the finalists';
}

function wishOf({ trial, tuning, rung, seed }: Outcome): Omit<Wish, 'epochs' | 'below'> {
  return { trial, tuning, rung, seed };
}

function nameOf(index: number): string {
  return `trial-${index + 1}`;
}

function seedsFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
