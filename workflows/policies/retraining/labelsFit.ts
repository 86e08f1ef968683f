import type { Decision, Interval } from '../../../config/decisions.js';
import { percent, withInterval } from '../wording.js';

export interface NewLabels {
  /** Scores of the champion and of the challenger that has trained on the new records, on new test items. */
  champion: Interval;
  challenger: Interval;
  /** Score there of always giving the commonest answer. */
  baseline: number;
  /** Score of the champion on the frozen test. */
  frozen: Interval;
  /** Whether the challenger is surely better there: then there is something to learn. */
  gains: boolean;
}

/** A share that new items may be harder by before their labels are doubted. */
const harderBy = 0.15;

/**
 * Can the labels of the new records be right (methods M13)? Labels that were shuffled, or belong to other pictures, can be
 * said by no model: neither by the champion nor by one that has trained on such labels.
 */
export function labelsFit({ champion, challenger, baseline, frozen, gains }: NewLabels): Decision<'fit' | 'doubtful'> {
  const evidence = {
    champion: champion.mean,
    challenger: challenger.mean,
    baseline,
    frozen: frozen.mean,
    items: champion.n,
  };
  const best = champion.mean > challenger.mean ? champion : challenger;
  if (gains || best.upper >= frozen.lower - harderBy)
    return { verdict: 'fit', reason: 'The labels of the new records can be learnt, or said already.', evidence };
  const guess =
    best.lower <= baseline ? ` That is no better than always giving the commonest (${percent(baseline)}).` : '';
  return {
    verdict: 'doubtful',
    reason:
      `The labels of the new records look wrong: of ${best.n} new test items the champion says ${percent(champion.mean)} as labelled, ` +
      `the challenger that trained on such labels ${percent(challenger.mean)}, ` +
      `while the champion scores ${withInterval(frozen)} on the frozen test.${guess}`,
    evidence,
    settles: 'Check a sample of the new records by hand; `anneal data check` shows those that contradict others.',
  };
}
