import type { PairedDifference } from '../statistics/paired.js';
import { normalQuantile } from '../statistics/quantiles.js';
import { figure, percent } from '../wording.js';
import { breakEvenValue, itemsToBuy, netValue, type Stakes, valueOfInformation } from './netValue.js';

/** What the figures say of small against large, and in which words. */
export interface Finding {
  verdict: 'small' | 'large' | 'cannotTell';
  says: string;
  settles?: string;
}

/** Nobody said what a right answer is worth: from which worth on the large model pays. */
export function withoutValue(
  { mean, lower, upper }: PairedDifference,
  stakes: Omit<Stakes, 'value'>,
  minimumEffect: number,
): Finding {
  if (upper < minimumEffect)
    return { verdict: 'small', says: `At most ${percent(upper)}: below the ${percent(minimumEffect)} that count.` };
  const [likely, least] = [breakEvenValue(stakes, mean), breakEvenValue(stakes, lower)];
  if (likely === null) return { verdict: 'small', says: 'No gain was measured, so the small one is taken.' };
  return {
    verdict: 'cannotTell',
    says: `It pays from ${figure(likely)} a right answer on; surely ${least === null ? 'at no price, for the gain is not sure' : `from ${figure(least)}`}.`,
    settles: 'What one right answer is worth (--value-per-right-answer).',
  };
}

/** Of a difference, from its 95 % interval. */
export function standardErrorOf({ lower, upper }: PairedDifference): number {
  return (upper - lower) / (2 * normalQuantile(0.975));
}

/** The net value of the large model, from the lower to the upper bound of the difference. */
export function byValue(
  difference: PairedDifference,
  stakes: Stakes,
  { minimumEffect, itemPrice }: { minimumEffect: number; itemPrice: number | null },
): Finding {
  const { mean, lower, upper, n } = difference;
  const [least, likely, most] = [lower, mean, upper].map((share) => netValue(stakes, share)) as [
    number,
    number,
    number,
  ];
  const net = `Its net value is ${figure(likely)} (${figure(least)} to ${figure(most)})`;
  if (most <= 0) return { verdict: 'small', says: `${net}: it does not pay.` };
  if (upper < minimumEffect && stakes.extraCost >= 0)
    return { verdict: 'small', says: `At most ${percent(upper)}: below the ${percent(minimumEffect)} that count.` };
  if (least > 0) return { verdict: 'large', says: `${net}: it pays.` };
  const measured = { mean, standardError: standardErrorOf(difference), n };
  const worth = valueOfInformation(stakes, measured);
  const buy = itemPrice === null ? 0 : itemsToBuy(stakes, measured, itemPrice);
  return {
    verdict: 'cannotTell',
    says: `${net}: it may pay or not, so the small one is taken. To know would be worth ${figure(worth)}.`,
    settles:
      buy > 0
        ? `About ${buy} more test items are worth their price.`
        : 'More test items, where they cost less than that.',
  };
}
