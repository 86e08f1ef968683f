/** Exact tests on counts: binomial, hypergeometric, and the correction for asking many questions at once. */

const logFactorials = [0];

/** ln(n!), summed once and kept: n stays below some thousands here. */
function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials[i] = (logFactorials[i - 1] ?? 0) + Math.log(i);
  return logFactorials[n] ?? 0;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Probability of k successes in n trials of chance p, 0 < p < 1. */
export function binomial(n: number, k: number, p: number): number {
  return Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/**
 * McNemar's two-sided mid-p for paired right/wrong answers: `gained` were wrong before and right after, `lost` the
 * other way. The exact test is too timid: its size is .02 to .04 (methods M1). No discordant pair gives 1.
 */
export function mcnemarMidP(gained: number, lost: number): number {
  const n = gained + lost;
  if (!(n > 0)) return 1;
  const fewer = Math.min(gained, lost);
  let below = 0;
  for (let k = 0; k < fewer; k++) below += binomial(n, k, 0.5);
  return Math.min(1, 2 * below + binomial(n, fewer, 0.5));
}

/** One-sided mid-p that share a is below share b, given both totals (Fisher's conditional test). Empty sides give 1. */
export function lowerShareMidP(a: { right: number; n: number }, b: { right: number; n: number }): number {
  if (!(a.n > 0 && b.n > 0)) return 1;
  const right = a.right + b.right;
  const all = logChoose(a.n + b.n, right);
  const chance = (k: number) => Math.exp(logChoose(a.n, k) + logChoose(b.n, right - k) - all);
  let below = 0;
  for (let k = Math.max(0, right - b.n); k < a.right; k++) below += chance(k);
  return Math.min(1, below + chance(a.right) / 2);
}

/** Holm's correction: which p-values stay below alpha when all of them were looked at. Same order as given; NaN never does. */
export function holm(pValues: readonly number[], alpha = 0.05): boolean[] {
  const order = pValues
    .map((p, index) => ({ p: Number.isNaN(p) ? 1 : p, index }))
    .sort((x, y) => x.p - y.p || x.index - y.index);
  const kept = pValues.map(() => false);
  for (const [rank, { p, index }] of order.entries()) {
    if (!(p <= alpha / (pValues.length - rank))) break;
    kept[index] = true;
  }
  return kept;
}
