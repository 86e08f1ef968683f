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

/** Rates beside the best trial that are tried at the end. */
export const ratesBesideBest = 2;

/** Trials of a sweep that are neither rates of the grid nor those beside the best; one at least where there are any to come. */
export function othersOf(
  { trials, learningRates }: { trials: number; learningRates: readonly number[] },
  rates = learningRates.length,
): number {
  return Math.max(Math.min(1, trials - rates), trials - rates - ratesBesideBest, 0);
}

/** Trials of so many that each rung is meant for, from the lowest on; one at least. */
export function quotasOf(trials: number, { eta }: { eta: number }): (rung: number) => number {
  return (rung) => Math.max(1, Math.floor(trials / eta ** (rung - 1)));
}

/**
 * Passes over the business data that a sweep takes at most: all rates up to the last rung, soft rungs, and every further seed,
 * among them. A grid that is extended takes those of its further rates instead of other trials'.
 */
export function mostPasses(sweep: {
  learningRates: readonly number[];
  trials: number;
  epochs: number;
  eta: number;
  finalists: number;
  seeds: number;
}): number {
  const others = othersOf(sweep);
  const rungs = planRungs({ ...sweep, trials: others, finalists: 1 });
  const quota = quotasOf(others, sweep);
  const climbed = rungs.reduce((sum, { epochs }, level) => {
    const below = rungs[level - 1]?.epochs ?? 0;
    return sum + (level === 0 ? others : Math.floor(softness * quota(level + 1))) * (epochs - below);
  }, 0);
  const rates = sweep.learningRates.length;
  const beside = Math.min(ratesBesideBest, Math.max(0, sweep.trials - rates - others));
  return (
    (rates + beside) * sweep.epochs +
    (others > 0 ? climbed : 0) +
    (sweep.seeds - 1) * ((rungs[0]?.epochs ?? 0) + sweep.finalists * sweep.epochs)
  );
}
