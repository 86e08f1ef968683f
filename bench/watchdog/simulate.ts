/** Pairs of noisy curves by seed, and what a rule makes of them. */
import type { EvaluationPoint } from '../../config/training.js';
import { meanOf } from '../../workflows/policies/curve.js';
import { pairedErrorsAt } from '../../workflows/policies/statistics/pairedErrors.js';
import type { ItemLosses } from '../../workflows/policies/statistics/pairedLosses.js';
import { normalDraw, uniformFrom } from '../../workflows/policies/statistics/random.js';
import { type Family, length } from './families.js';
import type { Rule } from './rules.js';

export interface Noise {
  /** Standard deviation of both series. */
  deviation: number;
  /** Correlation of neighbours: AR(1). */
  correlation: number;
}

/** What the evaluated items add: each one's loss wanders on a way of its own, which no other items would show. */
export interface Items {
  /** In each set. */
  count: number;
  /** Standard deviation of an item's way by the last point, nats. */
  wander: number;
}

/** One run under one rule. */
export interface Ended {
  /** Point at which the rule stopped it; null when it went to its planned end. */
  stopped: number | null;
  /** Loss without noise at the kept checkpoint, over the best one inside the generic budget. */
  regret: number;
  /** Rise of the generic loss without noise at the kept checkpoint, as a share of its first value. */
  excess: number;
}

/** Validation and generic loss with noise, as evaluation points, three an epoch. */
export function noisyRun(
  family: Family,
  { deviation, correlation }: Noise,
  seed: number,
  items: Items = { count: 0, wander: 0 },
): EvaluationPoint[] {
  const draw = drawsFrom(seed, family.heavyTails === true);
  const series = (of: (t: number) => number) => {
    let last = draw();
    return Array.from({ length }, (_, t) => {
      if (t > 0) last = correlation * last + Math.sqrt(1 - correlation ** 2) * draw();
      return of(t) + deviation * last;
    });
  };
  const validation = series(family.validation);
  const generic = series(family.generic);
  const points = validation.map((loss, t) => ({
    step: 10 * t,
    epoch: t / 3,
    losses: { validation: loss, generic: generic[t] ?? null },
    standardErrors: {},
    exact: {},
  }));
  return items.count > 0 ? overItems(points, items, seed) : points;
}

/** The same run as so many items show it: the mean of their ways is added, and how sure a change is by item is told. */
function overItems(points: readonly EvaluationPoint[], { count, wander }: Items, seed: number): EvaluationPoint[] {
  const uniform = uniformFrom(seed + 15_485_863);
  const stride = wander / Math.sqrt(length - 1);
  const ways: Record<string, number[]> = { validation: Array(count).fill(0), generic: Array(count).fill(0) };
  const items: Record<string, ItemLosses>[] = [];
  const seen = points.map((point, t) => {
    const step = (at: number) => (t > 0 ? at + stride * normalDraw(uniform) : at);
    for (const [set, way] of Object.entries(ways)) ways[set] = way.map(step);
    const shown = Object.entries(ways).map(
      ([set, way]) => [set, way.map((at) => (point.losses[set] ?? 0) + at)] as const,
    );
    items.push(Object.fromEntries(shown.map(([set, losses]) => [set, Object.fromEntries(losses.entries())])));
    return { ...point, losses: Object.fromEntries(shown.map(([set, losses]) => [set, meanOf(losses)])) };
  });
  return seen.map((point, t) => {
    const pairedErrors = pairedErrorsAt(seen, items, t);
    return pairedErrors ? { ...point, pairedErrors } : point;
  });
}

/** Draws of variance 1. */
function drawsFrom(seed: number, heavyTails: boolean): () => number {
  const uniform = uniformFrom(seed);
  const normal = () => normalDraw(uniform);
  if (!heavyTails) return normal;
  // Student's t with 3 degrees of freedom has variance 3.
  return () => normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3) / Math.sqrt(3);
}

/** Goes through a run point by point, as a training does, and keeps the checkpoint that the rule chooses. */
export function play(points: EvaluationPoint[], family: Family, rule: Rule, budget: number): Ended {
  let stopped: number | null = null;
  for (let seen = 1; seen <= points.length && stopped === null; seen++)
    if (rule.stops(points.slice(0, seen))) stopped = seen - 1;
  const kept = rule.keeps(stopped === null ? points : points.slice(0, stopped + 1));
  const excessAt = (t: number) => family.generic(t) / family.generic(0) - 1;
  const inside = points.map((_, t) => t).filter((t) => t > 0 && excessAt(t) <= budget);
  const best = Math.min(...inside.map((t) => family.validation(t)));
  return { stopped, regret: family.validation(kept) - best, excess: excessAt(kept) };
}
