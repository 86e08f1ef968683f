import type { Decision } from '../../config/decisions.js';
import type { CurvePoint } from './learningCurve.js';
import { type CascadeRow, cascade } from './modelChoice/cascade.js';
import { byValue, type Finding, standardErrorOf, withoutPrices, withoutValue } from './modelChoice/findings.js';
import { gapAtDouble } from './modelChoice/gapAhead.js';
import { breakEvenValue, netValue, type Stakes, valueOfInformation } from './modelChoice/netValue.js';
import { minimumGroups } from './statistics/interval.js';
import { type PairedDifference, pairedDifference } from './statistics/paired.js';
import { known, percent } from './wording.js';

/** One model as it would be used. */
export interface Contender {
  /** Price of a thousand answers; null where nobody said. */
  costPerThousand: number | null;
  /** 95th percentile of an answer, in milliseconds; null where it was not measured. */
  latency: number | null;
}

export interface Rivalry {
  small: Contender;
  large: Contender;
  /** The same test items answered by both, scores from 0 to 1. */
  items: readonly { group: string; small: number; large: number; confidence: number | null }[];
  /** What one right answer more is worth; null where nobody said. There is no default. */
  value: number | null;
  /** Answers that will be asked. */
  volume: number;
  /** Price of training the large model over training the small. */
  extraTraining: number;
  /** A hard limit, before money. */
  maximumLatency: number | null;
  /** A difference below this is none. */
  minimumEffect: number;
  /** Price of one more test item; null where none can be had. */
  itemPrice: number | null;
  /** Measured points of both learning curves. */
  curves?: { small: readonly CurvePoint[]; large: readonly CurvePoint[] };
}

export type Choice = Decision<'small' | 'large' | 'cannotTell'> & {
  /** The model to take meanwhile: where nothing can be told the small one (R17). */
  takes: 'small' | 'large';
  difference: PairedDifference;
  /** Null without confidences of the small model. */
  cascade: CascadeRow[] | null;
};

/** R17: does the large model's measured gain pay for it? Takes the small one unless it surely does (methods M11). */
export function smallAgainstLarge(rivalry: Rivalry): Choice {
  const { small, large, items } = rivalry;
  const difference = pairedDifference(
    items.map((item) => ({ group: item.group, before: item.small, after: item.large })),
  );
  const groups = new Set(items.map(({ group }) => group)).size;
  const costs = { small: perAnswer(small), large: perAnswer(large) };
  const stakes = { volume: rivalry.volume, extraCost: costs.large - costs.small, extraTraining: rivalry.extraTraining };
  const found =
    notToTell(rivalry, groups) ??
    byLatency(rivalry) ??
    (Number.isNaN(stakes.extraCost) ? withoutPrices(difference, rivalry.minimumEffect) : null) ??
    (rivalry.value === null
      ? withoutValue(difference, stakes, rivalry.minimumEffect)
      : byValue(difference, { ...stakes, value: rivalry.value }, rivalry));
  const ahead = rivalry.curves ? gapAtDouble(rivalry.curves.small, rivalry.curves.large) : null;
  const closes = ahead !== null && ahead.most < rivalry.minimumEffect;
  const more = closes ? ` With ${ahead.records} records the gap is forecast to close: collect data instead.` : '';
  const gain = `The large model answers ${percent(difference.mean)} more right (${percent(difference.lower)} to ${percent(difference.upper)}, n = ${difference.n})`;
  return {
    verdict: found.verdict,
    takes: found.verdict === 'large' ? 'large' : 'small',
    reason: `${gain}. ${found.says}${more}`,
    evidence: {
      ...evidenceOf(difference, stakes, rivalry.value),
      groups,
      gapAhead: ahead ? `${percent(ahead.least)} to ${percent(ahead.most)} at ${ahead.records} records` : null,
    },
    ...(found.settles ? { settles: found.settles } : {}),
    difference,
    cascade: cascade(items, costs),
  };
}

/** NaN where nobody said: nothing that is computed from it is told. */
function perAnswer({ costPerThousand }: Contender): number {
  return costPerThousand === null || !Number.isFinite(costPerThousand) ? Number.NaN : costPerThousand / 1000;
}

function notToTell({ volume, extraTraining }: Rivalry, groups: number): Finding | null {
  if (!Number.isFinite(extraTraining) || !(volume >= 0))
    return {
      verdict: 'cannotTell',
      says: 'The price of training or the volume is no number.',
      settles: 'Both as numbers.',
    };
  if (groups >= minimumGroups) return null;
  return {
    verdict: 'cannotTell',
    says: `Only ${groups} independent groups were answered by both; below ${minimumGroups} there is no verdict.`,
    settles: `At least ${minimumGroups - groups} more test groups, answered by both.`,
  };
}

function byLatency({ small, large, maximumLatency }: Rivalry): Finding | null {
  if (maximumLatency === null) return null;
  const [ofSmall, ofLarge] = [small.latency ?? Number.NaN, large.latency ?? Number.NaN];
  if (!Number.isFinite(ofSmall + ofLarge))
    return {
      verdict: 'cannotTell',
      says: `There is a limit of ${maximumLatency} ms, and how long ${Number.isFinite(ofSmall) ? 'the large one' : 'the small one'} takes was not measured.`,
      settles: 'The times of the answers of both.',
    };
  if (ofSmall > maximumLatency && ofLarge > maximumLatency)
    return {
      verdict: 'cannotTell',
      says: `Neither keeps the limit of ${maximumLatency} ms: the small one takes ${ofSmall} ms, the large one ${ofLarge} ms.`,
      settles: 'A faster server, or a higher limit (--maximum-latency).',
    };
  if (ofLarge > maximumLatency)
    return { verdict: 'small', says: `It takes ${ofLarge} ms, over the limit of ${maximumLatency} ms.` };
  if (ofSmall > maximumLatency)
    return { verdict: 'large', says: `The small one takes ${ofSmall} ms, over the limit of ${maximumLatency} ms.` };
  return null;
}

function evidenceOf(difference: PairedDifference, stakes: Omit<Stakes, 'value'>, value: number | null) {
  const { mean, lower, upper, n } = difference;
  const net = (share: number) => (value === null ? null : known(netValue({ ...stakes, value }, share)));
  const measured = { mean, standardError: standardErrorOf(difference), n };
  return {
    difference: known(mean),
    lower: known(lower),
    upper: known(upper),
    n,
    net: net(mean),
    netLower: net(lower),
    netUpper: net(upper),
    breakEvenValue: known(breakEvenValue(stakes, mean)),
    breakEvenSurely: known(breakEvenValue(stakes, lower)),
    valueOfInformation: value === null ? null : known(valueOfInformation({ ...stakes, value }, measured)),
    extraCostPerThousand: known(1000 * stakes.extraCost),
    extraTraining: known(stakes.extraTraining),
    volume: known(stakes.volume),
    value,
  };
}
