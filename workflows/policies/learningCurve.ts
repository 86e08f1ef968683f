import { binomialDraw, quantileOf, uniformFrom } from './statistics/random.js';

/** One point: trained on `n` records, `correct` of `total` held-out items right. */
export interface CurvePoint {
  n: number;
  correct: number;
  total: number;
}

/** err = floor + exp(a)·n^-b. */
export interface CurveFit {
  floor: number;
  a: number;
  b: number;
}

/** What may be said ahead: never past this multiple of the largest n (methods M2). */
export const furthest = 4;
const resamples = 200;
const floors = 20;
/** Least points with different n. */
export const fewestSizes = 3;

interface Measured {
  x: number;
  err: number;
  weight: number;
}

/** No error at all would have no logarithm; half of one stands for it. */
function measured({ n, correct, total }: CurvePoint): Measured {
  const err = (total - correct + 0.5) / (total + 1);
  return { x: Math.log(n), err, weight: (total * err) / (1 - err) };
}

/** Least squares of log(err - floor) on log n; weights are inverse variances of log(err). */
function fitAbove(points: readonly Measured[], floor: number): CurveFit {
  let [sum, meanX, meanY] = [0, 0, 0];
  for (const { x, err, weight } of points) {
    sum += weight;
    meanX += weight * x;
    meanY += weight * Math.log(err - floor);
  }
  [meanX, meanY] = [meanX / sum, meanY / sum];
  let [xx, xy] = [0, 0];
  for (const { x, err, weight } of points) {
    xx += weight * (x - meanX) ** 2;
    xy += weight * (x - meanX) * (Math.log(err - floor) - meanY);
  }
  const b = -xy / xx;
  return { floor, a: meanY + b * meanX, b };
}

export function errorAt({ floor, a, b }: CurveFit, n: number): number {
  return Math.min(1, floor + Math.exp(a - b * Math.log(n)));
}

/** The floor, below the least error seen, whose curve is nearest to the points. A rising curve has none. */
function fitWithFloor(points: readonly Measured[]): CurveFit {
  const least = Math.min(...points.map(({ err }) => err));
  let best = fitAbove(points, 0);
  let bestMiss = missOf(best, points);
  for (let step = 1; step < floors; step++) {
    const fit = fitAbove(points, (least * step) / floors);
    const miss = missOf(fit, points);
    if (fit.b > 0 && miss < bestMiss) [best, bestMiss] = [fit, miss];
  }
  return best;
}

function missOf(fit: CurveFit, points: readonly Measured[]): number {
  return points.reduce(
    (sum, { x, err, weight }) => sum + (weight * (errorAt(fit, Math.exp(x)) - err) ** 2) / err ** 2,
    0,
  );
}

/** Records until the error falls to `target`; infinite where the curve does not get there. */
function recordsFor({ floor, a, b }: CurveFit, target: number): number {
  return b > 0 && target > floor ? Math.exp((a - Math.log(target - floor)) / b) : Number.POSITIVE_INFINITY;
}

export interface Range {
  least: number;
  most: number;
}

export interface Forecast {
  /** The largest n measured. */
  largest: number;
  /** Error at `n`, up to 4 times `largest`: optimistic by the curve without a floor, cautious by the one with it. */
  errorAt(n: number): Range;
  /** By how much the error falls with the next doubling, in shares. */
  gainOfDoubling: Range;
  /** Records wanted for an error; infinite where it is out of reach. */
  recordsFor(target: number): Range;
}

/**
 * The learning curve ahead (methods M2), with 90 % ranges by a parametric bootstrap of the counts. Null with fewer than
 * three sizes, or counts that are none.
 */
export function forecast(points: readonly CurvePoint[]): Forecast | null {
  const sound = points.filter(({ n, correct, total }) => n > 0 && total > 0 && correct >= 0 && correct <= total);
  if (sound.length < points.length || new Set(sound.map(({ n }) => n)).size < fewestSizes) return null;
  const uniform = uniformFrom(1);
  const plain: CurveFit[] = [];
  const floored: CurveFit[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const drawn = sound.map(({ n, correct, total }) => {
      const share = (correct + 0.5) / (total + 1);
      return measured({ n, total, correct: binomialDraw(total, share, uniform) });
    });
    plain.push(fitAbove(drawn, 0));
    floored.push(fitWithFloor(drawn));
  }
  const largest = Math.max(...sound.map(({ n }) => n));
  const range = (of: (fit: CurveFit) => number): Range => ({
    least: quantileOf(plain.map(of), 0.05),
    most: quantileOf(floored.map(of), 0.95),
  });
  const gains = plain.map((fit) => errorAt(fit, largest) - errorAt(fit, 2 * largest));
  return {
    largest,
    errorAt: (n) => range((fit) => errorAt(fit, Math.min(n, furthest * largest))),
    gainOfDoubling: { least: quantileOf(gains, 0.05), most: quantileOf(gains, 0.95) },
    recordsFor: (target) => range((fit) => recordsFor(fit, target)),
  };
}
