import type { EvaluationPoint, TrainingEvent, TrainingProgress } from '../../config/training.js';
import { survived } from './survived.js';

type EventOf<Name extends TrainingEvent['event']> = Extract<TrainingEvent, { event: Name }>;

function only<Name extends TrainingEvent['event']>(events: readonly TrainingEvent[], name: Name): EventOf<Name>[] {
  return events.filter((event): event is EventOf<Name> => event.event === name);
}

/** By step, of each step the highest attempt; the clock is not looked at, for it may go backwards. */
function latestByStep<Event extends { step: number; attempt: number }>(events: readonly Event[]): Event[] {
  const latest = new Map<number, Event>();
  for (const event of events)
    if (event.attempt >= (latest.get(event.step)?.attempt ?? 0)) latest.set(event.step, event);
  return [...latest.values()].sort((a, b) => a.step - b.step);
}

/** Figures are told in seven digits, more than a loss is worth: all points of a training travel at once. */
function pointOf({ step, epoch, losses, standardErrors, exact, preferences }: EventOf<'evaluation'>): EvaluationPoint {
  const figures = { losses: brief(losses), standardErrors: brief(standardErrors), exact: brief(exact) };
  return { step, epoch: sevenDigits(epoch), ...figures, ...(preferences ? { preferences } : {}) };
}

function brief<Figure extends number | null>(figures: Record<string, Figure>): Record<string, Figure> {
  return Object.fromEntries(
    Object.entries(figures).map(([set, figure]) => [set, figure === null ? figure : (sevenDigits(figure) as Figure)]),
  );
}

function sevenDigits(figure: number): number {
  return Number(figure.toPrecision(7));
}

/**
 * Logged steps in a row in which nothing was learnt: a gradient of exactly 0, or loss exactly 0 and the very same gradient. A
 * lone one proves nothing.
 */
function stepsWithoutSignal(steps: readonly EventOf<'step'>[]): number[] {
  const silent = (event: EventOf<'step'> | undefined, like: EventOf<'step'>) =>
    event?.gradNorm === like.gradNorm && (event.gradNorm === 0 || (event.loss === 0 && event.gradNorm !== null));
  return steps
    .filter((event, i) => silent(event, event) && (silent(steps[i - 1], event) || silent(steps[i + 1], event)))
    .map(({ step }) => step);
}

/** As many bad steps are told: a log may hold a night of them. */
const mostBadSteps = 1000;
/** Characters of a failure's message, as our trainer's own: it travels through a workflow's history. */
const longestMessage = 1500;

/** The last checkpoint that no later attempt resumed below: such a one was not whole. */
function lastCheckpoint(events: readonly TrainingEvent[]): TrainingProgress['checkpoint'] {
  const starts = only(events, 'started');
  const standing = only(events, 'checkpoint').filter(
    (checkpoint) => !starts.some(({ attempt, step }) => attempt > checkpoint.attempt && step < checkpoint.step),
  );
  const last = latestByStep(standing).at(-1);
  return last ? { step: last.step, uri: last.path } : null;
}

/** Of any number of values, where the arguments of a function are limited. */
export function largest(values: readonly number[], least = Number.NEGATIVE_INFINITY): number {
  return values.reduce((most, value) => Math.max(most, value), least);
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

/** A longer silence between two steps is no training, whose trainer would have been ended: the clock was set. */
const longestGapSeconds = 86_400;

/** From the first event to the last of each attempt, by the trainer's clock; steps between which it was set count 0 seconds. */
export function secondsOfAttempts(all: readonly TrainingEvent[]): number {
  const events = all.filter(({ event }) => event !== 'waiting');
  const attempts = [...new Set(events.map(({ attempt }) => attempt))];
  return attempts
    .flatMap((attempt) => gapsBetweenSteps(events.filter((event) => event.attempt === attempt)))
    .filter((seconds) => seconds > 0 && seconds <= longestGapSeconds)
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Seconds from the first event of the first step to its last, and on to the last of each other step. */
function gapsBetweenSteps(events: readonly TrainingEvent[]): number[] {
  const ends = new Map<number, number>();
  for (const { step, time } of events) ends.set(step, Math.max(time, ends.get(step) ?? time));
  const ordered = [...ends].sort(([one], [other]) => one - other);
  const first = smallest(events.filter(({ step }) => step === ordered[0]?.[0]).map(({ time }) => time));
  return ordered.map(([, end], index) => end - (ordered[index - 1]?.[1] ?? first));
}

/** What was trained in how long; a job that goes on from another one's checkpoint begins there. */
function paceOf(events: readonly TrainingEvent[]): NonNullable<TrainingProgress['pace']> {
  const beginning = smallest(only(events, 'started').map(({ step }) => step));
  const furthest = largest(
    only(events, 'step').map(({ step }) => step),
    0,
  );
  return { seconds: secondsOfAttempts(events), steps: Math.max(0, furthest - beginning) };
}

/**
 * The figures of a job from its events, in whatever order they are read. A step that two attempts wrote counts once, by
 * the higher attempt. `checkpoint.uri` is the path as the trainer wrote it, relative to the job folder.
 */
export function foldEvents(events: readonly TrainingEvent[]): Omit<TrainingProgress, 'state'> {
  const attempt = events.reduce((highest, event) => Math.max(highest, event.attempt), 0);
  const current = events.filter((event) => event.attempt === attempt);
  const started = only(events, 'started')
    .toSorted((a, b) => a.attempt - b.attempt)
    .at(-1);
  const steps = latestByStep(only(events, 'step'));
  const failed = only(current, 'failed').at(-1);
  const gotOver = survived(events);
  return {
    attempt,
    step: current.reduce((furthest, event) => Math.max(furthest, event.step), 0),
    totalSteps: started?.totalSteps ?? 0,
    stepsPerEpoch: started?.stepsPerEpoch ?? 0,
    ...(started?.answerTokens ? { answerTokens: started.answerTokens } : {}),
    evaluations: latestByStep(only(events, 'evaluation')).map(pointOf),
    badSteps: {
      notANumber: steps
        .filter(({ loss, gradNorm }) => !Number.isFinite(loss) || !Number.isFinite(gradNorm))
        .map(({ step }) => step)
        .slice(0, mostBadSteps),
      noSignal: stepsWithoutSignal(steps).slice(0, mostBadSteps),
    },
    checkpoint: lastCheckpoint(events),
    pace: paceOf(events),
    failure: failed ? { cause: failed.cause, message: failed.message.slice(0, longestMessage) } : null,
    ...(gotOver.length > 0 ? { survived: gotOver } : {}),
  };
}
