/** Reproducible draws for resampling inside a policy: the same figures give the same interval, at replay too. */

/** Numbers from 0 to 1 (mulberry32). */
export function uniformFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal draw by Box and Muller. */
export function normalDraw(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Above this the normal distribution stands for the binomial. */
const exactUpTo = 100;

/** How many of `n` succeed, each with chance `p`. */
export function binomialDraw(n: number, p: number, uniform: () => number): number {
  if (n > exactUpTo) {
    return Math.min(n, Math.max(0, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * normalDraw(uniform))));
  }
  let count = 0;
  for (let trial = 0; trial < n; trial++) if (uniform() < p) count += 1;
  return count;
}

/** The value that a share of the sorted ones lies below; infinities sort as they should. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
