/** What ends a training before its planned end: policies on its figures, and a person. */
import type { Decision, Overrule } from '../../config/decisions.js';
import type { TrainRunInput, Watch } from '../../config/steps.js';
import type { TrainingProgress } from '../../config/training.js';
import { waitsForGeneric } from '../changes.js';
import { alignStop } from '../policies/alignStop.js';
import { withoutSet } from '../policies/curve.js';
import { enoughToRepeat } from '../policies/enoughToRepeat.js';
import { type Manner, overfitWatchdog } from '../policies/overfitWatchdog.js';
import { trainingHealth } from '../policies/trainingHealth.js';
import { record, tellRun } from './decisions.js';

export interface Stop {
  /** Why a policy or a person ended it early. */
  stopped: string | null;
  /** Why its figures, or the trainer's own word, make it worthless. */
  ill: string | null;
  /** The step of the evaluation point that a policy stopped at; what the trainer did after it counts for nothing. */
  at: number;
  outOfBudget?: true;
}

export const noStop: Stop = { stopped: null, ill: null, at: Number.POSITIVE_INFINITY };

/** They look for overfitting, and wait for a generic loss that may come back. */
const overfits: ReadonlySet<Watch> = new Set(['overfitWatchdog', 'validationWatchdog'] as const);

/**
 * The watchdog of one training. Judges point by point, however many came since the watch looked last: verdicts depend on
 * the figures alone, and not on when a worker was away.
 */
export class Judge {
  readonly overrules: readonly Overrule[];
  readonly manner: Manner;
  private last = 'continue';
  private readonly input: TrainRunInput;
  constructor(input: TrainRunInput, overrules: readonly Overrule[]) {
    this.input = input;
    this.overrules = overrules;
    this.manner = overfits.has(input.watch) && waitsForGeneric() ? 'current' : 'former';
  }

  /** The stop that the points after the first `seen`, or the steps since, ask for; tells the run of a changed verdict. */
  async newPoints(progress: TrainingProgress, seen: number): Promise<Stop | null> {
    const moments = progress.evaluations.slice(seen).map((_, index) => asOfPoint(progress, seen + index));
    for (const moment of progress.state === 'finished' ? moments : [...moments, progress]) {
      const { decided, ill } = judged(this.input, moment, this);
      if (decided.verdict !== this.last) await tellRun(this.input.reportTo, decided);
      this.last = decided.verdict;
      const byPoint = moment !== progress && decided.overruled === null;
      if (decided.verdict === 'stop') return { stopped: decided.reason, ill, at: byPoint ? moment.step : noStop.at };
    }
    return null;
  }
}

/** What was known at one evaluation point. */
function asOfPoint(progress: TrainingProgress, index: number): TrainingProgress {
  const evaluations = progress.evaluations.slice(0, index + 1);
  const step = evaluations.at(-1)?.step ?? 0;
  const { notANumber, noSignal } = progress.badSteps;
  const until = (steps: number[]) => steps.filter((each) => each <= step);
  return { ...progress, step, evaluations, badSteps: { notANumber: until(notANumber), noSignal: until(noSignal) } };
}

/** The verdict on a running job, a person's before ours. */
function judged(
  input: TrainRunInput,
  progress: TrainingProgress,
  { overrules, manner }: Pick<Judge, 'overrules' | 'manner'>,
) {
  const health = trainingHealth(progress.badSteps, { badSteps: input.recipe.settings.watchdog.badSteps });
  const isIll = health.verdict === 'stop';
  const decision = isIll ? health : judge(input, progress, manner);
  const decided = record(input.step, `${input.name}/watchdog`, rulesOf(input.watch), decision, overrules);
  return { decided, ill: isIll && decided.verdict === 'stop' ? health.reason : null };
}

function judge(
  { watch, recipe, spec, genericBaseline }: TrainRunInput,
  progress: TrainingProgress,
  manner: Manner,
): Decision<string> {
  const { sanity, watchdog, mix, sweep, align } = recipe.settings;
  if (watch === 'enoughToRepeat') return enoughToRepeat(progress, { set: 'train', loss: sanity.enoughLoss });
  if (watch === 'healthOnly') return { verdict: 'continue', reason: 'Healthy so far.', evidence: {} };
  if (watch === 'alignStop')
    return alignStop(progress.evaluations, {
      ...align,
      genericBudget: mix.lossBudget,
      genericFloor: mix.lossFloor,
      minimumEffect: align.scoreEffect,
    });
  const points = watch === 'validationWatchdog' ? withoutSet(progress.evaluations, 'generic') : progress.evaluations;
  const limits = {
    window: watchdog.window,
    minimumPoints: watchdog.minimumPoints,
    minimumEpochs: watchdog.minimumEpochs,
    genericBudget: mix.lossBudget,
    genericFloor: mix.lossFloor,
    genericBaseline,
    plannedEnd: spec.epochs,
    minimumEffect: sweep.minimumEffect,
    plateauStops: false,
  };
  return overfitWatchdog(points, limits, manner);
}

function rulesOf(watch: Watch): string[] {
  const rules = { enoughToRepeat: ['R9'], healthOnly: ['R10'], alignStop: ['R3'], validationWatchdog: ['R11'] };
  return watch === 'overfitWatchdog' ? ['R11', 'R16'] : rules[watch];
}
