/** Successive halving as the recipe does it, whatever trains the trials: a workflow, a bench, or a simulation. */
import type { Tuning } from '../../config/sweep.js';
import { type Choice, chooseTrial, contenders } from '../policies/sweep/choose.js';
import type { Noise } from '../policies/sweep/noise.js';
import { furthestOf, type Outcome, rankedOf } from '../policies/sweep/outcome.js';
import { promote } from '../policies/sweep/promote.js';
import { othersOf, planRungs, quotasOf, type Rung } from '../policies/sweep/rungs.js';
import { distinctTunings, proposeTunings } from '../policies/sweep/space.js';
import { Ledger } from './ledger.js';
import type { HalvingPlan } from './plan.js';
import { ratesAlone, ratesBeside } from './rates.js';
import { nameOf, type SweepWorld, seedsFrom, type Wish, wishOf } from './world.js';

const overBudget = 'left: the budget does not bear it';

/**
 * R10: the rates alone at full length, then the other settings around the best of them, rung by rung the better third on from
 * their checkpoints; then the rates beside the best of all, and at last more seeds of those that noise can't tell apart
 * (methods M6). No short rung settles a rate: high ones learn fast and end worse (docs/benchmarks.md, Sweep).
 */
export async function halve(plan: HalvingPlan, world: SweepWorld): Promise<Choice & { table: readonly Outcome[] }> {
  const { settings } = plan;
  const ledger = new Ledger(settings, world);
  const { ratesAtFullLength = true } = plan;
  // The rates are finalists too, so that one of the others is enough.
  const rungs = planRungs(ratesAtFullLength ? { ...settings, trials: othersOf(settings), finalists: 1 } : settings);

  const { rates, noise } = await ratesAlone(plan, rungs, ledger);
  const [bestRate] = rankedOf(furthestOf(rates));
  const others = bestRate ? await trialsAround(bestRate.tuning, rates.length, plan, ledger, rungs) : [];
  let level = ratesAtFullLength ? others : [...rates, ...others];
  const quotas = ratesAtFullLength ? quotasOf(others.length, settings) : (rung: number) => rungs[rung - 1]?.quota ?? 0;
  level = await rungByRung(level, { rungs, quotas, noise }, ledger);

  if (ratesAtFullLength) {
    level = furthestOf([...rates, ...level]);
    const [best] = rankedOf(level);
    const tried = rates.length + others.length;
    if (best) level = furthestOf([...level, ...(await ratesBeside(best, tried, plan, { rungs, noise }, ledger))]);
  }
  const finalists = contenders(level, { finalists: settings.finalists, seedSd: noise?.sd ?? null });
  const judged = finalists.length > 0 ? await withSeeds(finalists, rungs, ledger, settings) : level;
  const choice = chooseTrial(judged, settings);
  for (const outcome of level) await world.tell(outcome, endOf(outcome, choice, finalists));
  await ledger.release(ledger.table.filter((outcome) => outcome !== choice.chosen));
  return { ...choice, table: ledger.table };
}

/** As many trials as are still to come, around the best rate, at the lowest rung. */
async function trialsAround(
  centre: Tuning,
  tried: number,
  { settings, seed, ratesAtFullLength = true }: HalvingPlan,
  ledger: Ledger,
  [lowest]: readonly Rung[],
): Promise<Outcome[]> {
  const tunings = ratesAtFullLength
    ? distinctTunings(settings, { centre, count: othersOf(settings, tried), seed })
    : proposeTunings(settings, { centre, count: settings.trials - tried, seed });
  const epochs = lowest?.epochs ?? settings.epochs;
  const wishes = tunings.map((tuning, index): Wish => {
    return { trial: nameOf(tried + index), tuning, rung: 1, seed: 1, epochs, below: null };
  });
  return ledger.train(await ledger.afford('sweep/budget-1', wishes));
}

interface Halving {
  rungs: readonly Rung[];
  quotas: (rung: number) => number;
  noise: Pick<Noise, 'sd' | 'loss'> | null;
}

/** Those of the last rung that was reached. */
async function rungByRung(lowest: Outcome[], { rungs, quotas, noise }: Halving, ledger: Ledger): Promise<Outcome[]> {
  const { world } = ledger;
  let level = lowest;
  for (const [index, { epochs }] of rungs.slice(1).entries()) {
    if (level.length === 0) break;
    const rung = index + 2;
    const promotion = promote(level, { quota: quotas(rung), noise });
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
  return level;
}

/** The finalists with further seeds of each, from the beginning; a single one needs none. */
async function withSeeds(
  finalists: Outcome[],
  rungs: readonly Rung[],
  ledger: Ledger,
  { seeds }: { seeds: number },
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
