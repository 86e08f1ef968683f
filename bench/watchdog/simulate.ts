/** Pairs of noisy curves by seed, and what a rule makes of them. */
import type { EvaluationPoint } from '../../config/training.js';
import { normalDraw, uniformFrom } from '../../workflows/policies/statistics/random.js';
import { type Family, length } from './families.js';
import type { Rule } from './rules.js';

export interface Noise {
  /** Standard deviation of both series. */
  deviation: number;
  /** Correlation of neighbours: AR(1). */
  correlation: number;
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
export function noisyRun(family: Family, { deviation, correlation }: Noise, seed: number): EvaluationPoint[] {
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
  return validation.map((loss, t) => ({
    step: 10 * t,
    epoch: t / 3,
    losses: { validation: loss, generic: generic[t] ?? null },
    standardErrors: {},
    exact: {},
  }));
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
