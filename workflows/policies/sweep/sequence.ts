import { uniformFrom } from '../statistics/random.js';

/**
 * Points in the unit cube that fill it evenly however many are drawn: the additive recurrence of the generalised golden
 * ratio (Roberts 2018, "R_d"), begun at a place that the seed chooses.
 */
export function evenPoints(dimensions: number, seed: number): () => number[] {
  const ratio = goldenRatio(dimensions);
  const uniform = uniformFrom(seed);
  const start = Array.from({ length: dimensions }, uniform);
  let drawn = 0;
  return () => {
    drawn += 1;
    return start.map((offset, index) => (offset + drawn / ratio ** (index + 1)) % 1);
  };
}

/** Independent uniform points, for comparison. */
export function randomPoints(dimensions: number, seed: number): () => number[] {
  const uniform = uniformFrom(seed);
  return () => Array.from({ length: dimensions }, uniform);
}

/** The root above 1 of x^(d+1) = x + 1; 1.618 for one dimension. */
function goldenRatio(dimensions: number): number {
  let root = 2;
  for (let turn = 0; turn < 64; turn += 1) root = (1 + root) ** (1 / (dimensions + 1));
  return root;
}
