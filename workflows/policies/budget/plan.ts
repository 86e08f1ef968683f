import type { BudgetCaps, Estimate, Prices, Spent } from '../../../config/budget.js';
import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';
import { trainerHoursOf } from './estimate.js';
import { capNames, capsOf, spentOf } from './spending.js';

/** What a run would spend on training if no step stops it; null where the speed is not known. */
export function mostSpent(estimate: Estimate, prices: Prices): Spent | null {
  const hours = trainerHoursOf(estimate);
  if (hours === null) return null;
  return spentOf({ trainerSeconds: hours * 3600, wallSeconds: hours * 3600, promptTokens: 0, answerTokens: 0 }, prices);
}

/** Does the budget bear what a run may train, before it is started? The estimate is an upper bound: to pass a cap is a warning. */
export function planBudget(
  caps: BudgetCaps,
  prices: Prices,
  estimate: Estimate,
): Decision<'fits' | 'beyond' | 'cannotTell'> {
  const most = mostSpent(estimate, prices);
  if (most === null)
    return {
      verdict: 'cannotTell',
      reason: 'The speed of this model is not known.',
      evidence: {},
      settles: 'The first training, which says early when a cap will be reached.',
    };
  const all = capsOf(caps, most);
  const evidence = Object.fromEntries(
    all.flatMap(({ name, cap, spent }) => [
      [name, spent],
      [`${name}Cap`, cap],
    ]),
  );
  const beyond = all.filter(({ cap, spent }) => spent > cap);
  const told = beyond.map(({ name, cap, spent }) => `${figure(spent)} of ${figure(cap)} ${capNames[name]}`);
  return beyond.length > 0
    ? { verdict: 'beyond', reason: `Training alone may take ${told.join(', ')}.`, evidence }
    : { verdict: 'fits', reason: 'All that the run may train fits.', evidence };
}
