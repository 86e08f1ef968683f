import type { Decision } from '../../../config/decisions.js';
import { holm } from '../statistics/exact.js';
import { uniformFrom } from '../statistics/random.js';
import { figure } from '../wording.js';

/** One figure of a record, from one record of each group: of the champion's data, and of what is new. */
export interface Feature {
  name: string;
  /** Classes are told apart by their numbers, measures by their order. */
  kind: 'class' | 'measure';
  before: readonly number[];
  now: readonly number[];
}

export interface DriftLimits {
  /** Chance of calling data different that is not, over all features. */
  alpha: number;
  seed: number;
}

/** New groups below which nothing is told. */
const fewest = 30;
/** Chances come in steps of one in 1,000: fine enough for alpha over six features. */
const permutations = 999;
/** Draws as far apart as what was found, after which it is settled that such are common (Besag and Clifford, 1991). */
const enoughAsFar = 20;

/**
 * Is the new data like the champion's (methods M13)? Each feature by a permutation test, whose false alarms are as rare as
 * alpha says whatever the feature's shape: total variation of classes, Kolmogorov's distance of measures; Holm over all.
 */
export function drift(
  features: readonly Feature[],
  { alpha, seed }: DriftLimits,
): Decision<'same' | 'drifted' | 'cannotTell'> {
  const now = Math.min(...features.map((feature) => feature.now.length));
  const before = Math.min(...features.map((feature) => feature.before.length));
  if (features.length === 0 || Math.min(now, before) < fewest)
    return {
      verdict: 'cannotTell',
      reason: `Only ${features.length === 0 ? 0 : Math.min(now, before)} groups to compare; below ${fewest} nothing can be told.`,
      evidence: { alpha },
      settles: `At least ${fewest} groups of new records.`,
    };
  const judged = features.map((feature) => ({ name: feature.name, ...chanceOf(feature, uniformFrom(seed)) }));
  const sure = holm(
    judged.map(({ p }) => p),
    alpha,
  );
  const moved = judged.filter((_, index) => sure[index]);
  const evidence = {
    alpha,
    groupsBefore: before,
    groupsNow: now,
    ...Object.fromEntries(
      judged.flatMap(({ name, distance, p }) => [
        [`${name}Distance`, Number(distance.toFixed(4))],
        [`${name}P`, p],
      ]),
    ),
  };
  if (moved.length === 0)
    return { verdict: 'same', reason: `${now} groups of new records look like those before.`, evidence };
  const says = moved.map(({ name, distance, p }) => `${name} (distance ${figure(distance)}, p = ${figure(p)})`);
  return { verdict: 'drifted', reason: `The new records differ from those before in ${says.join(', ')}.`, evidence };
}

/** The distance of the two sides, and how often sides drawn at random from all are as far apart. */
function chanceOf({ kind, before, now }: Feature, uniform: () => number): { distance: number; p: number } {
  const values = [...before, ...now];
  const order = values.map((_, index) => index).sort((one, other) => (values[one] ?? 0) - (values[other] ?? 0));
  const sorted = order.map((index) => values[index] ?? 0);
  const isNew = order.map((index) => index >= before.length);
  const distanceOf = kind === 'class' ? totalVariation : kolmogorov;
  const sides = { sorted, isNew, before: before.length, now: now.length };
  const distance = distanceOf(sides);
  let asFar = 0;
  for (let draw = 1; draw <= permutations; draw++) {
    shuffle(isNew, uniform);
    if (distanceOf(sides) >= distance - 1e-12) asFar += 1;
    if (asFar === enoughAsFar) return { distance, p: asFar / draw };
  }
  return { distance, p: (1 + asFar) / (1 + permutations) };
}

interface Sides {
  /** All values, equal ones side by side. */
  sorted: readonly number[];
  isNew: readonly boolean[];
  before: number;
  now: number;
}

/** Half the summed differences of the shares, class by class. */
function totalVariation({ sorted, isNew, before, now }: Sides): number {
  let [sum, difference] = [0, 0];
  for (let index = 0; index < sorted.length; index++) {
    difference += isNew[index] ? 1 / now : -1 / before;
    if (sorted[index + 1] === sorted[index]) continue;
    sum += Math.abs(difference);
    difference = 0;
  }
  return sum / 2;
}

/** The largest difference of the shares up to a value. */
function kolmogorov({ sorted, isNew, before, now }: Sides): number {
  let [largest, difference] = [0, 0];
  for (let index = 0; index < sorted.length; index++) {
    difference += isNew[index] ? 1 / now : -1 / before;
    if (sorted[index + 1] !== sorted[index]) largest = Math.max(largest, Math.abs(difference));
  }
  return largest;
}

function shuffle(items: boolean[], uniform: () => number): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    const kept = items[last] as boolean;
    items[last] = items[other] as boolean;
    items[other] = kept;
  }
}
