export interface Rung {
  /** Passes over the business data, those of the rungs below among them. */
  epochs: number;
  /** Trials that this rung is meant for. */
  quota: number;
}

/** A rung that noise makes softer takes at most so many times its quota (methods M6). */
export const softness = 1.5;

/** A third rung at 1/9 of the epochs is the shortest that still ranks trials (methods M6). */
const mostRungs = 3;

/**
 * R10: synchronous successive halving (Jamieson and Talwalkar 2016; methods M6). The last rung has all the epochs; each one
 * below has 1/eta of them and eta times the trials. As many rungs as leave `finalists` trials at the last, three at most.
 */
export function planRungs({
  trials,
  epochs,
  eta,
  finalists,
}: {
  trials: number;
  epochs: number;
  eta: number;
  finalists: number;
}): Rung[] {
  let levels = 1;
  while (levels < mostRungs && Math.floor(trials / eta ** levels) >= finalists) levels += 1;
  return Array.from({ length: levels }, (_, level) => ({
    epochs: epochs / eta ** (levels - 1 - level),
    quota: Math.floor(trials / eta ** level),
  }));
}

/** Passes over the business data that a sweep takes at most: soft rungs, and every further seed, among them. */
export function mostPasses(sweep: {
  trials: number;
  epochs: number;
  eta: number;
  finalists: number;
  seeds: number;
}): number {
  const rungs = planRungs(sweep);
  const climbed = rungs.reduce((sum, { epochs, quota }, level) => {
    const below = rungs[level - 1]?.epochs ?? 0;
    return sum + (level === 0 ? quota : Math.floor(softness * quota)) * (epochs - below);
  }, 0);
  const finalists = Math.min(sweep.finalists, rungs.at(-1)?.quota ?? 0);
  return climbed + (sweep.seeds - 1) * ((rungs[0]?.epochs ?? 0) + finalists * sweep.epochs);
}
