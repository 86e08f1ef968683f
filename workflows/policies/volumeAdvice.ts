import type { Decision, Interval } from '../../config/decisions.js';
import { type CurvePoint, type Forecast, forecast, furthest } from './learningCurve.js';
import { nextSlices, type SliceFigures } from './nextSlices.js';
import type { PromptFailure } from './promptFailure.js';
import { figure, percent } from './wording.js';

/** Training examples by kind of failure, least and most (R6, methods M2). */
const volumes: Record<PromptFailure, { least: number; most: number }> = {
  harness: { least: 0, most: 0 },
  formatUnstable: { least: 50, most: 300 },
  formatWrong: { least: 200, most: 500 },
  partlyCovered: { least: 1000, most: 1000 },
  capabilityMissing: { least: 10_000, most: 20_000 },
  unclear: { least: 1000, most: 1000 },
};

/** The same where a person says how hard the task is (R6). */
const byDifficulty = {
  form: volumes.formatUnstable,
  typical: volumes.partlyCovered,
  hard: volumes.capabilityMissing,
} as const;
export type Difficulty = keyof typeof byDifficulty;

const limits = {
  /** A gain of a doubling whose upper bound is below this is none (rule 3: does it matter). */
  effect: 0.02,
};

export type VolumeVerdict = 'enough' | 'collectMore' | 'plateau' | 'cannotTell';

export interface VolumeFigures {
  failure: PromptFailure;
  /** Training records there are. */
  train: number;
  /** What a person says of the task; it goes before the kind of failure. */
  difficulty?: Difficulty;
  /** The score that is wanted. */
  target?: number;
  /** Measured points of the learning curve, where there are any; they go before the table. */
  curve?: readonly CurvePoint[];
  /** The score as it is, and by slice. */
  score?: Interval;
  slices?: readonly SliceFigures[];
}

/** R6: how many training records are wanted, how many are there, and which to collect next. Advice; it stops no run. */
export function volumeAdvice(figures: VolumeFigures): Decision<VolumeVerdict> {
  const { failure, train, curve = [], target } = figures;
  if (failure === 'harness') {
    const evidence = { basis: 'table', failure, trainCount: train, least: 0, most: 0 };
    return { verdict: 'enough', reason: 'More data does not mend a faulty harness.', evidence };
  }
  const ahead = target === undefined ? null : forecast(curve);
  return ahead && target !== undefined ? byCurve(figures, ahead, 1 - target) : byTable(figures);
}

function byTable(figures: VolumeFigures): Decision<VolumeVerdict> {
  const { failure, train, difficulty } = figures;
  const { least, most } = difficulty ? byDifficulty[difficulty] : volumes[failure];
  const range = least === most ? `about ${least}` : `${least} to ${most}`;
  const who = difficulty ? `a task of this difficulty (${difficulty})` : 'this kind of failure';
  const missing = Math.max(0, least - train);
  const { next, evidence: parts } = collect(figures, missing);
  const evidence = { basis: 'table', failure, trainCount: train, least, most, missing, ...parts };
  if (missing === 0)
    return { verdict: 'enough', reason: `${train} training examples; ${who} wants ${range}.`, evidence };
  const reason = `${train} training examples are few: ${who} wants ${range}.${next} The run goes on; its curve decides.`;
  if (failure !== 'unclear' || difficulty) return { verdict: 'collectMore', reason, evidence };
  const settles = 'A learning curve: training on an eighth, a quarter, a half and all of the records.';
  return { verdict: 'cannotTell', reason, evidence, settles };
}

/** Rounded to what a person would plan with. */
function rounded(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.ceil(count / unit) * unit;
}

function byCurve(figures: VolumeFigures, ahead: Forecast, error: number): Decision<VolumeVerdict> {
  const { failure, train } = figures;
  const end = furthest * ahead.largest;
  const [now, wanted, gain] = [ahead.errorAt(ahead.largest), ahead.recordsFor(error), ahead.gainOfDoubling];
  const reachable = wanted.least <= end;
  const least = reachable ? rounded(wanted.least) : null;
  const most = wanted.most <= end ? rounded(wanted.most) : null;
  const evidence = {
    basis: 'curve',
    failure,
    trainCount: train,
    measuredTo: ahead.largest,
    wantedError: figure(error),
    errorNow: `${percent(now.least)} to ${percent(now.most)}`,
    gainOfDoubling: `${percent(gain.least)} to ${percent(gain.most)}`,
    least,
    most,
  };
  if (now.most <= error)
    return { verdict: 'enough', reason: `${ahead.largest} records reach the target by the curve.`, evidence };
  if (gain.least <= 0) return flat({ gain, evidence });
  const upTo = Math.min(end, least === null ? 2 * ahead.largest : (most ?? end));
  const { next, evidence: parts } = collect(figures, Math.max(0, upTo - train));
  const range = least === null ? `more than ${end}` : most === null ? `${least} or more` : `${least} to ${most}`;
  const beyond = least === null || most === null ? ` Past ${end} nothing is said: measure again on the way.` : '';
  return {
    verdict: least !== null && most !== null && train >= most ? 'enough' : 'collectMore',
    reason: `The curve wants ${range} records for an error of ${percent(error)}; there are ${train}.${beyond}${next}`,
    evidence: { ...evidence, missing: Math.max(0, upTo - train), ...parts },
  };
}

/** The gain of a doubling may be nothing: either it is surely small, or the curve was measured too roughly. */
function flat({
  gain,
  evidence,
}: {
  gain: { most: number };
  evidence: Decision<VolumeVerdict>['evidence'];
}): Decision<VolumeVerdict> {
  if (gain.most < limits.effect)
    return {
      verdict: 'plateau',
      reason: `Doubling the data gains at most ${percent(gain.most)}: more of the same does not help. Look at label noise, slices and resolution.`,
      evidence,
    };
  const reason = `Doubling the data gains up to ${percent(gain.most)} or nothing: the curve is measured too roughly.`;
  return { verdict: 'cannotTell', reason, evidence, settles: 'Four times the held-out items halve this interval.' };
}

function collect({ slices = [], score, train }: VolumeFigures, missing: number) {
  const parts = score ? nextSlices(slices, { missing, train, score }) : [];
  const text = parts.map(
    ({ name, collect: count, fails }) => `${count} of "${name.slice(0, 40)}"${fails ? ' (fails)' : ''}`,
  );
  return { next: text.length === 0 ? '' : ` Next: ${text.join(', ')}.`, evidence: { next: text.join(', ') || null } };
}
