/** The recipe's watchdog, and the rules that others use, on the same footing: when to stop, and what to keep. */
import type { EvaluationPoint } from '../../config/training.js';
import { chooseCheckpoint } from '../../workflows/policies/chooseCheckpoint.js';
import { lossesOf, type WatchdogLimits } from '../../workflows/policies/curve.js';
import { overfitWatchdog } from '../../workflows/policies/overfitWatchdog.js';
import { length } from './families.js';

export interface Rule {
  name: string;
  /** Whether a run that has these points so far is stopped. */
  stops(points: EvaluationPoint[]): boolean;
  /** Index of the point whose checkpoint is kept. */
  keeps(points: EvaluationPoint[]): number;
}

/** The defaults of the recipe (config/settings.ts), with losses near 1 and no floor in nats. */
export const limits: WatchdogLimits = {
  window: 8,
  minimumPoints: 6,
  minimumEpochs: 1,
  genericBudget: 0.05,
  genericFloor: 0,
  plannedEnd: length / 3,
  minimumEffect: 0.01,
  plateauStops: false,
};

const watchdog: Rule = {
  name: 'watchdog',
  stops: (points) => overfitWatchdog(points, limits).verdict === 'stop',
  keeps: (points) => (chooseCheckpoint(points, limits).step ?? 0) / 10,
};

/** The same without what the items tell of a change: the means alone. */
const meansAlone: Rule = {
  name: 'watchdog, means alone',
  stops: (points) => watchdog.stops(points.map(({ pairedErrors: _, ...means }) => means)),
  keeps: watchdog.keeps,
};

/** Stops after so many points in a row without a new lowest validation loss, and keeps the lowest. */
function patience(points: number): Rule {
  const lowest = (losses: number[]) => losses.indexOf(Math.min(...losses));
  return {
    name: `patience ${points}`,
    stops: (seen) => seen.length - 1 - lowest(lossesOf(seen, 'validation')) >= points,
    keeps: (seen) => Math.max(1, lowest(lossesOf(seen, 'validation'))),
  };
}

/** R16 taken literally: validation falls while generic rises, from point to point, twice in a row. */
const literal: Rule = {
  name: 'R16 literally',
  stops: (seen) => {
    const [validation, generic] = [lossesOf(seen, 'validation'), lossesOf(seen, 'generic')];
    const parts = (at: number) =>
      falls(validation, at) &&
      falls(
        generic.map((loss) => -loss),
        at,
      );
    return seen.length > 2 && parts(seen.length - 1) && parts(seen.length - 2);
  },
  keeps: (seen) => Math.max(1, seen.length - 3),
};

function falls(losses: number[], at: number): boolean {
  return (losses[at] ?? Number.NaN) < (losses[at - 1] ?? Number.NaN);
}

/** Those that are compared; where items are simulated, the watchdog also without them. */
export function rulesFor(items: number): readonly Rule[] {
  return [watchdog, ...(items > 0 ? [meansAlone] : []), patience(3), patience(5), literal];
}
