/**
 * The two quantiles that intervals need. Written out, for a policy runs inside the workflow sandbox and the kept
 * libraries either lack Student's quantile or ship no ES module. Checked against printed tables.
 */

/** Normal distribution function by Marsaglia's series (Journal of Statistical Software 11(4), 2004); exact to 1e-15 for |x| < 7. */
export function normalDistribution(x: number): number {
  if (x > 7) return 1;
  if (x < -7) return 0;
  let sum = x;
  let term = x;
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.9189385332046727);
}

/** Student's distribution function for whole degrees of freedom (Abramowitz and Stegun 26.7.3 and 26.7.4). */
export function studentDistribution(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let i = odd ? 3 : 2; i < degrees; i += 2) {
    term *= ((i - 1) / i) * cosine * cosine;
    sum += term;
  }
  const within = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return (1 + within) / 2;
}

/** The x at which a rising function reaches `p`, between bounds, to 1e-12. */
function invert(distribution: (x: number) => number, p: number, bound: number): number {
  let low = -bound;
  let high = bound;
  while (high - low > 1e-12 * Math.max(1, Math.abs(low))) {
    const middle = (low + high) / 2;
    if (distribution(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Normal quantile; `p` in (0, 1). */
export function normalQuantile(p: number): number {
  return invert(normalDistribution, p, 7);
}

/** Student's quantile. Without a degree of freedom it is unbounded; above 200 the expansion 26.7.5 is exact to 1e-6. */
export function studentQuantile(p: number, degrees: number): number {
  if (degrees < 1) return p < 0.5 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (degrees <= 200) return invert((t) => studentDistribution(t, Math.floor(degrees)), p, 1e4);
  const z = normalQuantile(p);
  return z + (z ** 3 + z) / (4 * degrees) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
}
