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

/** Nobody said what answers cost: only a gain that does not count tells, else the large model may cost anything. */
export function withoutPrices({ upper }: PairedDifference, minimumEffect: number): Finding {
  if (upper < minimumEffect) return belowEffect(upper, minimumEffect);
  return {
    verdict: 'cannotTell',
    says: 'What their answers cost is not known, so nobody can say whether that pays.',
    settles: 'The prices of a thousand answers of both (--small-cost, --large-cost).',
  };
}

/** Nobody said what a right answer is worth: from which worth on the large model pays, or up to which if it costs less. */
export function withoutValue(
  difference: PairedDifference,
  stakes: Omit<Stakes, 'value'>,
  minimumEffect: number,
): Finding {
  const { mean, lower, upper } = difference;
  const saved = netValue({ ...stakes, value: 0 }, 0);
  if (saved > 0) return whereLargeSaves(difference, { ...stakes, saved }, minimumEffect);
  if (upper < minimumEffect) return belowEffect(upper, minimumEffect);
  const [likely, least] = [breakEvenValue(stakes, mean), breakEvenValue(stakes, lower)];
  if (likely === null) return { verdict: 'small', says: 'No gain was measured, so the small one is taken.' };
  return {
    verdict: 'cannotTell',
    says: `It pays from ${figure(likely)} a right answer on; surely ${least === null ? 'at no price, for the gain is not sure' : `from ${figure(least)}`}.`,
    settles: 'What one right answer is worth (--value-per-right-answer).',
  };
}

/** The large model costs less in all: it is taken unless it may answer fewer right, and each of those costs a right answer. */
function whereLargeSaves(
  { mean, lower }: PairedDifference,
  { saved, volume }: Omit<Stakes, 'value'> & { saved: number },
  minimumEffect: number,
): Finding {
  const says = `The large model costs ${figure(saved)} less in all`;
  if (lower > -minimumEffect) return { verdict: 'large', says: `${says}, and it is no worse.` };
  const upTo = (share: number) => figure(saved / (volume * -share));
  const likely =
    mean < 0 ? `pays up to a worth of ${upTo(mean)} a right answer` : 'likely pays at any worth of a right answer';
  return {
    verdict: 'cannotTell',
    says: `${says}, but it may be worse: it ${likely}, surely up to ${upTo(lower)}.`,
    settles: 'What one right answer is worth (--value-per-right-answer).',
  };
}

function belowEffect(upper: number, minimumEffect: number): Finding {
  return { verdict: 'small', says: `At most ${percent(upper)}: below the ${percent(minimumEffect)} that count.` };
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
  if (upper < minimumEffect && netValue(stakes, 0) <= 0) return belowEffect(upper, minimumEffect);
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
