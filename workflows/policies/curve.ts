import type { GenericBaseline } from '../../config/steps.js';
import type { EvaluationPoint } from '../../config/training.js';
import { median } from './statistics/trend.js';

export interface WatchdogLimits {
  /** Evaluation points looked back, 6 to 8. */
  window: number;
  minimumPoints: number;
  minimumEpochs: number;
  /** Rise of the generic loss over step 0 that is allowed, as a share of it, … */
  genericBudget: number;
  /** … and at least in nats a token: a share of a loss near zero is noise. */
  genericFloor: number;
  /** What that rise counts from; without it, the first point. */
  genericBaseline?: GenericBaseline | undefined;
  /** Epochs. */
  plannedEnd: number;
  /** Relative fall of the validation loss that is worth going on for. */
  minimumEffect: number;
  plateauStops: boolean;
}

/** One-sided 95 % quantile of the normal distribution. */
export const oneSided = 1.645;

/** By step, each step once; of two at the same step the later one in the list. */
export function inOrder(points: readonly EvaluationPoint[]): EvaluationPoint[] {
  return [...new Map(points.map((point) => [point.step, point])).values()].sort((a, b) => a.step - b.step);
}

/** The points as if a set had not been evaluated. */
export function withoutSet(points: readonly EvaluationPoint[], set: string): EvaluationPoint[] {
  const without = <Figure>(figures: Record<string, Figure>) =>
    Object.fromEntries(Object.entries(figures).filter(([name]) => name !== set));
  return points.map((point) => ({
    ...point,
    losses: without(point.losses),
    standardErrors: without(point.standardErrors),
    exact: without(point.exact),
  }));
}

/** One set's losses in order, the points without one left out. */
export function lossesOf(points: readonly EvaluationPoint[], set: string): number[] {
  return points.map(({ losses }) => losses[set]).filter((loss): loss is number => Number.isFinite(loss));
}

/** One set's shares of whole answers right, in order. */
export function exactOf(points: readonly EvaluationPoint[], set: string): number[] {
  return points.map(({ exact }) => exact[set]).filter((share): share is number => Number.isFinite(share));
}

/**
 * How uncertain the change of a set's loss is for being seen on so few items (methods M7): the mean of the standard errors by
 * item at the last three points. null where no losses of items are kept.
 */
export function pairedError(
  points: readonly EvaluationPoint[],
  set: string,
  since: 'sinceFirst' | 'sinceBest',
): number | null {
  const known = points
    .slice(-3)
    .map(({ pairedErrors }) => pairedErrors?.[since][set])
    .filter((error): error is number => Number.isFinite(error));
  return known.length > 0 ? meanOf(known) : null;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Means of every three neighbours, looking back; shorter series have none. */
export function threePointMeans(values: readonly number[]): number[] {
  return values.slice(2).map((_, index) => meanOf(values.slice(index, index + 3)));
}

/** Means of each value with its two neighbours; at the ends with the one there is. */
export function centredMeans(values: readonly number[]): number[] {
  return values.map((_, index) => meanOf(values.slice(Math.max(0, index - 1), index + 2)));
}

/** Whether at least two of the last three values are above a bound: one spike is not. */
export function isSustained(values: readonly number[], bound: number): boolean {
  return values.slice(-3).filter((value) => value > bound).length >= 2;
}

/** Evaluation points left until the planned end, by the usual distance between the last ones. */
export function pointsLeft(points: readonly EvaluationPoint[], plannedEnd: number): number {
  const epochs = points.slice(-8).map(({ epoch }) => epoch);
  const gap = median(epochs.slice(1).map((epoch, index) => epoch - (epochs[index] ?? epoch)));
  return gap > 0 ? Math.max(0, (plannedEnd - (epochs.at(-1) ?? plannedEnd)) / gap) : 0;
}

/** What the budget of a training counts from that goes on from this one: stages spend one budget together. */
export function genericBaselineAfter(
  points: readonly EvaluationPoint[],
  before?: GenericBaseline,
): GenericBaseline | undefined {
  const loss = before?.loss ?? lossesOf(points, 'generic')[0];
  if (loss === undefined) return undefined;
  return { loss, error: Math.hypot(before?.error ?? 0, pairedError(points, 'generic', 'sinceFirst') ?? 0) };
}

/** How far the generic loss may rise over where it counts from, in nats a token. */
export function genericAllowance(
  first: number,
  { genericBudget, genericFloor }: Pick<WatchdogLimits, 'genericBudget' | 'genericFloor'>,
): number {
  return Math.max(genericBudget * first, genericFloor);
}
