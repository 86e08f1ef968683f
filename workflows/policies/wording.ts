import type { Interval } from '../../config/decisions.js';

/** How figures read in a reason. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function withInterval({ mean, lower, upper, n }: Interval): string {
  return `${percent(mean)} (${percent(lower)} to ${percent(upper)}, n = ${n})`;
}

/** Four significant digits, for losses and rates. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A figure as evidence: null where it is missing or no number. */
export function known(value: number | null | undefined): number | null {
  return Number.isFinite(value) ? Number(value) : null;
}
