import type { Decision, Interval } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import { gateScore, scoreEvidence, type Target } from './scoreGate.js';
import { known, percent, withInterval } from './wording.js';

/** A slice is judged from this many items on, and fails when it is surely this far under the target (methods M1). */
const sliceItems = 30;
const sliceMargin = 0.1;

function failingSlice({ bySlice }: Evaluation, target: number): [string, Interval] | null {
  const failing = Object.entries(bySlice).filter(([, { n, upper }]) => n >= sliceItems && upper < target - sliceMargin);
  return failing.sort(([, a], [, b]) => a.upper - b.upper)[0] ?? null;
}

/** R1: is the prompt alone enough? Score, format and every slice must reach the target, each with its interval (methods M1). */
export function promptEnough(
  evaluation: Evaluation,
  target: Target,
): Decision<'promptEnough' | 'notEnough' | 'cannotTell'> {
  const { validity, repaired } = evaluation;
  const gate = gateScore(evaluation, target.score);
  const slice = failingSlice(evaluation, target.score);
  const evidence = {
    ...scoreEvidence(evaluation),
    target: target.score,
    validity: known(validity.mean),
    validityLower: known(validity.lower),
    formatValidity: target.formatValidity,
    repaired: known(repaired),
    failingSlice: slice ? slice[0].slice(0, 60) : null,
  };
  const no = (reason: string) => ({ verdict: 'notEnough' as const, reason, evidence });
  const unsure = (reason: string, settles: string) => ({ verdict: 'cannotTell' as const, reason, evidence, settles });
  if (gate.side === 'below') return no(gate.reason);
  if (gate.side === 'between') return unsure(gate.reason, gate.settles);
  if (slice)
    return no(`${gate.reason} But the slice "${evidence.failingSlice}" scores only ${withInterval(slice[1])}.`);
  const form = `${withInterval(validity)} of the answers have the wanted form; ${percent(target.formatValidity)} must`;
  if (validity.upper < target.formatValidity) return no(`${gate.reason} But ${form}.`);
  if (!(validity.lower >= target.formatValidity))
    return unsure(
      `${gate.reason} But ${form}.`,
      'Constrained decoding, which costs no training, or more held-out items.',
    );
  return {
    verdict: 'promptEnough',
    reason: `${gate.reason} The prompt alone solves the task: nothing is trained.`,
    evidence,
  };
}
