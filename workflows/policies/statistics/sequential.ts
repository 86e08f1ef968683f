import { binomial } from './exact.js';

export interface SequentialBound {
  /** Answers seen at this look. */
  n: number;
  /** Stop and pass at this many right or more; null: cannot pass yet. */
  passAt: number | null;
  /** Stop and fail at this many right or fewer; null: cannot fail yet. */
  failAt: number | null;
}

/** Error probability that may be spent by a share of the answers: Pocock-like, α·ln(1 + (e - 1)·t). */
function spendable(alpha: number, share: number): number {
  return alpha * Math.log(1 + (Math.E - 1) * share);
}

/** How many counts, walking inwards from one end, fit into a probability budget. */
function fitting(chances: Iterable<number>, budget: number): { counts: number; spent: number } {
  let counts = 0;
  let spent = 0;
  for (const chance of chances) {
    if (spent + chance > budget) break;
    spent += chance;
    counts += 1;
  }
  return { counts, spent };
}

/** Distribution of the right answers after `step` more, when each is right with chance p. */
function advance(distribution: readonly number[], step: number, p: number): number[] {
  const next = Array.from({ length: distribution.length + step }, () => 0);
  const steps = Array.from({ length: step + 1 }, (_, k) => binomial(step, k, p));
  for (const [right, chance] of distribution.entries()) {
    if (chance === 0) continue;
    for (const [more, weight] of steps.entries()) next[right + more] = (next[right + more] ?? 0) + chance * weight;
  }
  return next;
}

/**
 * Bounds of a gate "is the true share at least `target`?" that may be looked at before all answers are in
 * (methods M1): group-sequential, exact by dynamic programming over the count of right answers, `alpha` on each side.
 * Looking at ordinary intervals instead breaks the promise fourfold. `looks`: rising counts, the last is the largest n.
 */
export function sequentialBounds(target: number, looks: readonly number[], alpha = 0.05): SequentialBound[] {
  const last = looks.at(-1) ?? 0;
  if (!(target > 0 && target < 1)) return looks.map((n) => ({ n, passAt: null, failAt: null }));
  let distribution = [1];
  let passSpent = 0;
  let failSpent = 0;
  return looks.map((n) => {
    distribution = advance(distribution, n - (distribution.length - 1), target);
    const budget = spendable(alpha, n / last);
    const pass = fitting(distribution.toReversed(), budget - passSpent);
    const fail = fitting(distribution, budget - failSpent);
    passSpent += pass.spent;
    failSpent += fail.spent;
    distribution.fill(0, n + 1 - pass.counts).fill(0, 0, fail.counts);
    return {
      n,
      passAt: pass.counts > 0 ? n + 1 - pass.counts : null,
      failAt: fail.counts > 0 ? fail.counts - 1 : null,
    };
  });
}
