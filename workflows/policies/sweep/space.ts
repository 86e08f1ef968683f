import type { SweepSettings, Tuning } from '../../../config/sweep.js';
import { LoraSettings } from '../../../config/training.js';
import { rateFactor } from './rateFactor.js';
import { evenPoints, randomPoints } from './sequence.js';

export type SearchSpace = Pick<
  SweepSettings,
  | 'batchSizes'
  | 'loraRanks'
  | 'warmupRatios'
  | 'freeze'
  | 'activeExperts'
  | 'routerLoss'
  | 'methods'
  | 'rateSpread'
  | 'proposals'
>;

/**
 * R10: settings to try around the best rate found alone. The rate is drawn on a log scale within `rateSpread` of the best
 * one, which is scaled by the root of the batch first, and by ten between methods (methods M6); all else is drawn from its
 * list, and stays as in `centre` where there is none. The same seed proposes the same trials, and a list of one or none
 * adds no dimension, so that it does not move the others.
 */
export function proposeTunings(
  space: SearchSpace,
  { centre, count, seed }: { centre: Tuning; count: number; seed: number },
): Tuning[] {
  const batches = listOr(space.batchSizes, centre.batchSize);
  const ranks = ranksOf(space, centre);
  const warmups = listOr(space.warmupRatios, centre.warmupRatio);
  const frozen = listOr(space.freeze, centre.freeze);
  const experts = listOr(space.activeExperts, centre.activeExperts);
  const losses = listOr(space.routerLoss, centre.routerLoss);
  const methods = listOr(space.methods, centre.method);
  const searched = [batches, ranks, warmups, frozen, experts, losses, methods].filter(
    ({ length }) => length > 1,
  ).length;
  const draw = { sequence: evenPoints, random: randomPoints }[space.proposals](1 + searched, seed);
  return Array.from({ length: Math.max(0, count) }, () => {
    const [rate = 0, ...rest] = draw();
    const from = <Value>(list: readonly Value[]) => pick(list, list.length > 1 ? (rest.shift() ?? 0) : 0);
    const drawn = {
      ...{ batchSize: from(batches), loraRank: from(ranks), warmupRatio: from(warmups) },
      ...given('freeze', from(frozen)),
      ...given('activeExperts', from(experts)),
      ...given('routerLoss', from(losses)),
      ...given('method', from(methods)),
    };
    const prior =
      centre.learningRate * Math.sqrt(drawn.batchSize / centre.batchSize) * rateFactor(centre.method, drawn.method);
    const learningRate = Number((prior * space.rateSpread ** (2 * rate - 1)).toPrecision(3));
    return suited({ learningRate, ...drawn });
  });
}

/** Draws for each trial that is wanted: where the lists hold few settings, most of them are equal to an earlier one. */
const drawsEach = 16;

/** Such trials without those equal to another of them, or to the centre: as many as there are, `count` at most. */
export function distinctTunings(
  space: SearchSpace,
  { centre, count, seed }: { centre: Tuning; count: number; seed: number },
): Tuning[] {
  const key = (tuning: Tuning) => JSON.stringify(Object.entries(tuning).toSorted());
  const own = { ...centre, learningRate: Number(centre.learningRate.toPrecision(3)) };
  const distinct = new Map([[key(own), own]]);
  for (const tuning of proposeTunings(space, { centre, count: drawsEach * count, seed }))
    if (!distinct.has(key(tuning))) distinct.set(key(tuning), tuning);
  return [...distinct.values()].slice(1, 1 + count);
}

/** R10: the rates a third of the grid's step below and above one, on a log scale; none where the grid has one rate alone. */
export function ratesBesideOf(rate: number, { learningRates }: { learningRates: readonly number[] }): number[] {
  const steps = learningRates.length - 1;
  if (steps < 1) return [];
  const factor = (Math.max(...learningRates) / Math.min(...learningRates)) ** (1 / steps / 3);
  return [rate / factor, rate * factor].map((each) => Number(each.toPrecision(3)));
}

/** A rank for trials by LoRA, which there may be beside a centre by full tuning. */
function ranksOf({ methods, loraRanks }: SearchSpace, centre: Tuning): readonly (number | null)[] {
  if (methods.includes('lora')) return listOr(loraRanks, centre.loraRank ?? LoraSettings.parse({}).rank);
  return centre.loraRank === null ? [null] : listOr(loraRanks, centre.loraRank);
}

/** Of what is drawn for a trial a method leaves out what it does not have: full tuning the rank, LoRA the frozen parts. */
function suited(drawn: Tuning): Tuning {
  if (drawn.method === 'full') return { ...drawn, loraRank: null };
  return drawn.method === 'lora' && drawn.freeze ? { ...drawn, freeze: [] } : drawn;
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
