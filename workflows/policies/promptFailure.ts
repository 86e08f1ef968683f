import type { Decision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { Target } from './scoreGate.js';
import { holm, lowerShareMidP } from './statistics/exact.js';
import { known, percent } from './wording.js';

export type PromptFailure =
  | 'harness'
  | 'formatUnstable'
  | 'formatWrong'
  | 'partlyCovered'
  | 'capabilityMissing'
  | 'unclear';

/** Limits of methods M2. */
const limits = {
  excluded: 0.02,
  cut: 0.02,
  refused: 0.05,
  validity: 0.95,
  sliceItems: 20,
  sliceGap: 0.1,
  /** One side of 5 %. */
  sliceAlpha: 0.025,
  gainOverBaseline: 0.1,
};

/** The worst slice that is surely worse than all the rest, by Holm-corrected mid-p; null when there is none. */
function uncoveredSlice({ bySlice, score }: Evaluation): { name: string; gap: number } | null {
  const slices = Object.entries(bySlice)
    .filter(([, { n }]) => n >= limits.sliceItems && score.n - n >= limits.sliceItems)
    .map(([name, { mean, n }]) => {
      const slice = { right: Math.round(mean * n), n };
      const rest = { right: Math.max(0, Math.round(score.mean * score.n) - slice.right), n: score.n - n };
      return { name, gap: rest.right / rest.n - mean, p: lowerShareMidP(slice, rest) };
    });
  const kept = holm(
    slices.map(({ p }) => p),
    limits.sliceAlpha,
  );
  const worse = slices.filter(({ gap }, index) => kept[index] && gap >= limits.sliceGap);
  return worse.sort((a, b) => b.gap - a.gap)[0] ?? null;
}

/** Every class of failure that the figures show, in the order of methods M2, with its sentence. */
function failuresOf(evaluation: Evaluation, target: Target): [PromptFailure, string][] {
  const { asked, excluded, cut, refused, score, validity, repaired, majorityBaseline } = evaluation;
  const over = (count: number, limit: number) => asked > 0 && count / asked > limit;
  const found: [PromptFailure, string][] = [];
  if (over(excluded, limits.excluded) || over(cut, limits.cut) || over(refused, limits.refused))
    found.push([
      'harness',
      `Of ${asked} calls ${excluded} got no answer, ${cut} were cut and ${refused} refused: mend that, do not train.`,
    ]);
  if (validity.mean < target.formatValidity && repaired >= target.score)
    found.push([
      'formatUnstable',
      `Repaired, the answers score ${percent(repaired)}: the ability is there, the form is not (${percent(validity.mean)} valid).`,
    ]);
  if (validity.upper < limits.validity && repaired < target.score)
    found.push(['formatWrong', `Only ${percent(validity.mean)} of the answers have the wanted form.`]);
  const slice = uncoveredSlice(evaluation);
  if (slice)
    found.push([
      'partlyCovered',
      `The slice "${slice.name.slice(0, 60)}" scores ${percent(slice.gap)} below the rest.`,
    ]);
  if (Math.max(score.upper, repaired) - majorityBaseline < limits.gainOverBaseline)
    found.push([
      'capabilityMissing',
      `The score is hardly above always giving the commonest answer (${percent(majorityBaseline)}).`,
    ]);
  return found;
}

/** R2: how did the prompt fail? The first class that fits is the verdict, all that fit are listed (methods M2, from summary figures only). */
export function promptFailure(evaluation: Evaluation, target: Target): Decision<PromptFailure> {
  const { asked, excluded, cut, refused, score, validity, repaired, majorityBaseline } = evaluation;
  const scored =
    score.n > 0 && [score.mean, score.upper, validity.mean, validity.upper, repaired].every(Number.isFinite);
  const allLost = asked > 0 && score.n === 0;
  const found = scored || allLost ? failuresOf(evaluation, target) : [];
  const [first] = found;
  const evidence = {
    score: known(score.mean),
    validity: known(validity.mean),
    repaired: known(repaired),
    majorityBaseline: known(majorityBaseline),
    asked,
    excluded,
    cut,
    refused,
    also:
      found
        .slice(1)
        .map(([name]) => name)
        .join(', ') || null,
  };
  if (first) return { verdict: first[0], reason: first[1], evidence };
  return {
    verdict: 'unclear',
    reason: scored ? 'The answers are wrong without a pattern in form, slice or baseline.' : 'No answer was scored.',
    evidence,
    settles: 'Eight samples of each item, and the items without their image (methods M2.5).',
  };
}
