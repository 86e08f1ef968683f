import type { Decision } from '../../config/decisions.js';
import type { Tuning } from '../../config/sweep.js';
import type { Outcome } from '../policies/sweep/outcome.js';

/** A training that is wanted. */
export interface Wish {
  trial: string;
  tuning: Tuning;
  rung: number;
  /** From 1, the recipe's own. */
  seed: number;
  /** Passes over the business data in all. */
  epochs: number;
  /** The same trial and seed one rung below, whose checkpoint it goes on from; null begins. */
  below: Outcome | null;
}

export interface SweepWorld {
  /** Trains them, some at once; outcomes in the order of the wishes. */
  train(wishes: readonly Wish[]): Promise<Outcome[]>;
  /** What these trials left behind is needed no more. */
  release(outcomes: readonly Outcome[]): Promise<unknown>;
  /** Takes note of a decision on the way. */
  decide(id: string, decision: Decision<string>): Promise<unknown>;
  /** Takes note of what became of a trial at a rung, and why. */
  tell(outcome: Outcome, fate: string): Promise<unknown>;
}

/** The same trial and seed again, at another rung or with another seed. */
export function wishOf({ trial, tuning, rung, seed }: Outcome): Omit<Wish, 'epochs' | 'below'> {
  return { trial, tuning, rung, seed };
}

/** Of trials in the order of their proposals, from 0. */
export function nameOf(index: number): string {
  return `trial-${index + 1}`;
}

export function seedsFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
