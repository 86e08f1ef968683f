import type { SweepSettings, Tuning } from '../../../config/sweep.js';
import { evenPoints, randomPoints } from './sequence.js';

export type SearchSpace = Pick<
  SweepSettings,
  'batchSizes' | 'loraRanks' | 'warmupRatios' | 'freeze' | 'activeExperts' | 'routerLoss' | 'rateSpread' | 'proposals'
>;

/**
 * R10: settings to try around the best rate found alone. The rate is drawn on a log scale within `rateSpread` of the best
 * one, which is scaled by the root of the batch first (methods M6); all else is drawn from its list, and stays as in
 * `centre` where there is none. The same seed proposes the same trials, and a list of one or none adds no dimension, so
 * that it does not move the others.
 */
export function proposeTunings(
  { batchSizes, loraRanks, warmupRatios, freeze, activeExperts, routerLoss, rateSpread, proposals }: SearchSpace,
  { centre, count, seed }: { centre: Tuning; count: number; seed: number },
): Tuning[] {
  const ranks = centre.loraRank === null ? [null] : listOr(loraRanks, centre.loraRank);
  const batches = listOr(batchSizes, centre.batchSize);
  const warmups = listOr(warmupRatios, centre.warmupRatio);
  const frozen = listOr(freeze, centre.freeze);
  const active = listOr(activeExperts, centre.activeExperts);
  const losses = listOr(routerLoss, centre.routerLoss);
  const searched = [batches, ranks, warmups, frozen, active, losses].filter(({ length }) => length > 1).length;
  const draw = { sequence: evenPoints, random: randomPoints }[proposals](1 + searched, seed);
  return Array.from({ length: Math.max(0, count) }, () => {
    const [rate = 0, ...rest] = draw();
    const from = <Value>(list: readonly Value[]) => pick(list, list.length > 1 ? (rest.shift() ?? 0) : 0);
    const batchSize = from(batches);
    const prior = centre.learningRate * Math.sqrt(batchSize / centre.batchSize);
    const learningRate = Number((prior * rateSpread ** (2 * rate - 1)).toPrecision(3));
    return {
      ...{ learningRate, batchSize, loraRank: from(ranks), warmupRatio: from(warmups) },
      ...given('freeze', from(frozen)),
      ...given('activeExperts', from(active)),
      ...given('routerLoss', from(losses)),
    };
  });
}

function listOr<Value>(list: readonly Value[], otherwise: Value): readonly Value[] {
  return list.length > 0 ? list : [otherwise];
}

/** Nothing where there is no value: a setting that is not searched is no part of a trial. */
function given<Name extends string, Value>(name: Name, value: Value | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}

function pick<Value>(list: readonly Value[], share: number): Value {
  return list[Math.min(list.length - 1, Math.floor(share * list.length))] as Value;
}
