import type { BudgetCaps, Spent } from '../../../config/budget.js';
import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';
import { capNames, capsOf } from './spending.js';

/** Is a cap of the budget reached? */
export function judgeBudget(caps: BudgetCaps, spent: Spent): Decision<'within' | 'reached'> {
  const all = capsOf(caps, spent);
  const reached = all.filter((each) => each.spent >= each.cap);
  const told = (each: (typeof all)[number]) =>
    `${figure(each.spent)} of ${figure(each.cap)} ${capNames[each.name]} are spent`;
  return {
    verdict: reached.length > 0 ? 'reached' : 'within',
    reason: `${(reached.length > 0 ? reached : all).map(told).join(', ') || 'No cap is set'}.`,
    evidence: Object.fromEntries(all.flatMap(({ name, cap, spent: so }) => [[name, so] as const, [`${name}Cap`, cap]])),
  };
}
