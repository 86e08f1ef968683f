/** Learning rates, settled at full length: those of the grid, all else by default, and at last those beside the best trial. */
import { pickLearningRate } from '../policies/pickLearningRate.js';
import { judgeNoise, type Noise } from '../policies/sweep/noise.js';
import { type Outcome, rankedOf } from '../policies/sweep/outcome.js';
import { overtaken } from '../policies/sweep/overtaken.js';
import type { Rung } from '../policies/sweep/rungs.js';
import { ratesBesideOf } from '../policies/sweep/space.js';
import type { Ledger } from './ledger.js';
import type { HalvingPlan } from './plan.js';
import { nameOf, seedsFrom, type Wish, wishOf } from './world.js';

type KnownNoise = Pick<Noise, 'sd' | 'loss'> | null;

/** Every rate of the grid, and the noise between seeds; a best value at the edge extends the grid. */
export async function ratesAlone(
  plan: HalvingPlan,
  rungs: readonly Rung[],
  ledger: Ledger,
): Promise<{ rates: Outcome[]; noise: KnownNoise }> {
  const { settings, defaults, ratesAtFullLength = true } = plan;
  const { minimumEffect, extendAtEdge } = settings;
  const grid = [...settings.learningRates].sort((a, b) => a - b);
  const epochs = rungs[0]?.epochs ?? settings.epochs;
  const climbed = ratesAtFullLength ? rungs : rungs.slice(0, 1);
  let rates: Outcome[] = [];
  let noise: KnownNoise = null;
  let pending = grid;
  for (let extensions = 0; ; extensions += 1) {
    const wishes = pending.map((learningRate, index): Wish => {
      const tuning = { ...defaults, learningRate };
      return { trial: nameOf(rates.length + index), tuning, rung: 1, seed: 1, epochs, below: null };
    });
    // The grid itself is always trained: without it there is nothing to choose from.
    const allowed = extensions === 0 ? wishes : await ledger.afford(`sweep/budget-extend-${extensions}`, wishes);
    if (allowed.length === 0) break;
    const begun = await ledger.train(allowed);
    if (ratesAtFullLength && extensions === 0) noise = await noiseOf(begun, ledger, plan);
    const name = extensions === 0 ? 'rates' : `extend-${extensions}`;
    rates = [...rates, ...(await upToTheLast(begun, { name, rungs: climbed, noise }, ledger))];
    const trials = rates.map(({ trial, tuning, rung, loss, ...rest }) => {
      // One that was left on the way has no loss to compare, and bounds the grid all the same.
      const compared = rung === climbed.length ? loss : null;
      return { ...rest, name: trial, learningRate: tuning.learningRate, loss: compared, exact: null };
    });
    const choice = pickLearningRate(trials, { grid, minimumEffect, extendAtEdge, extensions });
    if (choice.verdict !== 'extend' || choice.learningRate === null) break;
    await ledger.world.decide(`sweep/extend-${extensions + 1}`, choice);
    grid.push(choice.learningRate);
    pending = [choice.learningRate];
  }
  return { rates, noise: ratesAtFullLength ? noise : await noiseOf(rates, ledger, plan) };
}

/** The rates a third of the grid's step below and above that of the best trial, its other settings kept, as the trials bear it. */
export async function ratesBeside(
  best: Outcome,
  tried: number,
  { settings }: HalvingPlan,
  { rungs, noise }: { rungs: readonly Rung[]; noise: KnownNoise },
  ledger: Ledger,
): Promise<Outcome[]> {
  const epochs = rungs[0]?.epochs ?? settings.epochs;
  const rates = ratesBesideOf(best.tuning.learningRate, settings).slice(0, Math.max(0, settings.trials - tried));
  const wishes = rates.map((learningRate, index): Wish => {
    const tuning = { ...best.tuning, learningRate };
    return { trial: nameOf(tried + index), tuning, rung: 1, seed: 1, epochs, below: null };
  });
  const begun = await ledger.train(await ledger.afford('sweep/budget-beside-1', wishes));
  return upToTheLast(begun, { name: 'beside', rungs, noise, beside: best.trial }, ledger);
}

interface Climb {
  /** Of the decisions about the budget. */
  name: string;
  rungs: readonly Rung[];
  noise: KnownNoise;
  /** A trial that was at every rung, and is compared with. */
  beside?: string;
}

/** From the lowest rung to the last one; left is what failed, what a lower rate has overtaken, and what the budget does not bear. */
async function upToTheLast(lowest: Outcome[], { name, rungs, noise, beside }: Climb, ledger: Ledger) {
  let level = lowest;
  for (const [index, { epochs }] of rungs.slice(1).entries()) {
    const rung = index + 2;
    const here = level.filter((each) => each.rung === rung - 1);
    const other = beside === undefined ? undefined : ledger.find(beside, rung - 1, 1);
    const fates = overtaken(other ? [...here, other] : here, noise);
    const wishes = here
      .filter(({ trial, failed }) => failed === null && fates[trial] === undefined)
      .map((below): Wish => ({ ...wishOf(below), rung, epochs, below }));
    const allowed = await ledger.afford(`sweep/budget-${name}-${rung}`, wishes);
    for (const outcome of here) await ledger.world.tell(outcome, fates[outcome.trial] ?? fateOf(outcome, allowed));
    await ledger.release(here.filter(({ trial }) => !allowed.some((wish) => wish.trial === trial)));
    const climbed = await ledger.train(allowed);
    level = level.map((each) => climbed.find(({ trial }) => trial === each.trial) ?? each);
  }
  return level;
}

function fateOf({ trial, failed }: Outcome, allowed: readonly Wish[]): string {
  if (failed !== null) return `failed: ${failed.slice(0, 160)}`;
  if (allowed.some((wish) => wish.trial === trial)) return 'goes on: a rate is settled at full length';
  return 'left: the budget does not bear it';
}

/** The noise between seeds, by more seeds of the best of these; null where none was measured. */
async function noiseOf(
  outcomes: readonly Outcome[],
  ledger: Ledger,
  { settings: { seeds }, noiseScales = true }: HalvingPlan,
): Promise<KnownNoise> {
  const [best] = rankedOf(outcomes);
  if (best === undefined || seeds < 2) return null;
  const wishes = seedsFrom(2, seeds).map((seed): Wish => {
    return { ...wishOf(best), epochs: best.epochs, seed, below: null };
  });
  const allowed = await ledger.afford('sweep/budget-noise', wishes);
  if (allowed.length === 0) return null;
  const noise = judgeNoise([best, ...(await ledger.train(allowed))]);
  await ledger.world.decide('sweep/noise', noise);
  return noiseScales ? noise : { sd: noise.sd, loss: null };
}
