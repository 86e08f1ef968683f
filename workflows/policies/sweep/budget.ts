import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';

export interface Cost {
  steps: number;
  seconds: number;
}

export interface Budget {
  /** Optimizer steps and hours of trainers; 0 sets no limit. */
  steps: number;
  hours: number;
}

export const noCost: Cost = { steps: 0, seconds: 0 };

export function sumOf(costs: readonly Cost[]): Cost {
  return costs.reduce<Cost>(
    (sum, { steps, seconds }) => ({ steps: sum.steps + steps, seconds: sum.seconds + seconds }),
    noCost,
  );
}

/**
 * R10: how many of the trainings that are wanted, the most promising first, does the budget bear? Planned before a rung from
 * what each trial's own steps took so far (methods M6).
 */
export function fitBudget(
  wanted: readonly Cost[],
  spent: Cost,
  { steps, hours }: Budget,
): Decision<'fits' | 'cut' | 'spent'> & { allowed: number } {
  const most: Cost = {
    steps: steps > 0 ? steps : Number.MAX_VALUE,
    seconds: hours > 0 ? hours * 3600 : Number.MAX_VALUE,
  };
  const fits = (count: number) => {
    const after = sumOf([spent, ...wanted.slice(0, count)]);
    return after.steps <= most.steps && after.seconds <= most.seconds;
  };
  let allowed = wanted.length;
  while (allowed > 0 && !fits(allowed)) allowed -= 1;
  const planned = sumOf(wanted);
  const evidence = {
    wanted: wanted.length,
    allowed,
    plannedSteps: planned.steps,
    plannedHours: Number((planned.seconds / 3600).toPrecision(3)),
    spentSteps: spent.steps,
    spentHours: Number((spent.seconds / 3600).toPrecision(3)),
    budgetSteps: steps,
    budgetHours: hours,
  };
  const cost = `${planned.steps} steps and about ${figure(evidence.plannedHours)} hours`;
  if (allowed === wanted.length)
    return { verdict: 'fits', reason: `${wanted.length} trainings take ${cost}.`, evidence, allowed };
  const rest = `${spent.steps} steps and ${figure(evidence.spentHours)} hours are spent`;
  const limit = [steps > 0 ? `${steps} steps` : '', hours > 0 ? `${hours} hours` : ''].filter(Boolean).join(' and ');
  const says = `${wanted.length} trainings would take ${cost}; ${rest} of ${limit}.`;
  return allowed > 0
    ? { verdict: 'cut', reason: `${says} The best ${allowed} are trained.`, evidence, allowed }
    : { verdict: 'spent', reason: `${says} None of them is trained.`, evidence, allowed };
}
