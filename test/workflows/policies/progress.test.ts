import type { TrainingEvent } from '../../../config/training.js';
import { TrainingProgress } from '../../../config/training.js';
import { foldEvents } from '../../../workflows/policies/progress.js';
import { trainingHealth } from '../../../workflows/policies/trainingHealth.js';
import { loggedEvents } from './builders.js';

const started = (attempt: number, step: number): TrainingEvent => ({
  event: 'started',
  time: 0,
  attempt,
  step,
  pid: 1,
  totalSteps: 100,
  stepsPerEpoch: 10,
  samples: { business: 1, generic: 0 },
  device: 'cpu',
  precision: 'float32',
  trainableParameters: 1,
});
const stepped = (
  attempt: number,
  step: number,
  loss: number | null = 1,
  gradNorm: number | null = step,
): TrainingEvent => ({
  event: 'step',
  time: 0,
  attempt,
  step,
  epoch: step / 10,
  loss,
  gradNorm,
  learningRate: 1e-4,
  samplesPerSecond: null,
});
const evaluated = (attempt: number, step: number, validation: number): TrainingEvent => ({
  event: 'evaluation',
  time: 0,
  attempt,
  step,
  epoch: step / 10,
  losses: { validation },
  standardErrors: {},
  exact: {},
  itemLosses: 'x',
});
const saved = (attempt: number, step: number): TrainingEvent => ({
  event: 'checkpoint',
  time: 0,
  attempt,
  step,
  path: `checkpoints/${attempt}-${step}`,
});
const limits = { badSteps: 3 };

describe('foldEvents', () => {
  it('tells the time of all attempts and the steps in it, in whatever order events are read', () => {
    const at = <Event extends TrainingEvent>(event: Event, time: number): Event => ({ ...event, time });
    const events = [
      at(started(1, 0), 100),
      at(stepped(1, 1), 103),
      at(stepped(1, 2), 106),
      at(saved(1, 2), 107),
      at(started(2, 2), 5000),
      at(stepped(2, 3), 5004),
    ];
    expect(foldEvents(events).pace).toEqual({ seconds: 11, steps: 3 });
    expect(foldEvents(events.toReversed()).pace).toEqual({ seconds: 11, steps: 3 });
    expect(foldEvents([at(started(1, 40), 9), at(stepped(1, 41), 1)]).pace).toEqual({ seconds: 0, steps: 1 });
    expect(foldEvents([]).pace).toEqual({ seconds: 0, steps: 0 });
    const waiting: TrainingEvent = { event: 'waiting', time: -3600, attempt: 1, step: 0, message: 'No GPU is free.' };
    expect(foldEvents([waiting, ...events]).pace).toEqual({ seconds: 11, steps: 3 });
  });

  it.each([
    ['a year on', 31_536_000],
    ['an hour back', -3600],
  ])('takes no clock that was set %s for training', (_, jump) => {
    const at = <Event extends TrainingEvent>(event: Event, time: number) => ({ ...event, time });
    const events = [1, 2, 3, 4, 5].map((step) => at(stepped(1, step), 100 + 3 * step + (step > 2 ? jump : 0)));
    expect(foldEvents([at(started(1, 0), 100), ...events]).pace).toEqual({ seconds: 12, steps: 5 });
  });

  it('says what the trainer got over, and leaves the field out when there was nothing', () => {
    const message = 'CUDA out of memory.';
    const events: TrainingEvent[] = [
      started(1, 0),
      { event: 'memory', time: 0, attempt: 1, step: 0, from: 8, to: 4, message },
      stepped(1, 10),
      { event: 'space', time: 0, attempt: 1, step: 10, message: 'No space left on device' },
    ];
    const folded = foldEvents(events);
    expect(() => TrainingProgress.parse({ ...folded, state: 'running' })).not.toThrow();
    expect(folded.survived).toEqual([
      'Memory ran out with 8 samples at once before the first step; it went on with 4, gradients accumulated, so a step is the same.',
      'The disk was full after step 10: no checkpoint of that step, the older ones are kept.',
    ]);
    expect(foldEvents([started(1, 0), stepped(1, 10)])).not.toHaveProperty('survived');
  });

  it('folds a log into figures that the contract accepts', () => {
    const folded = foldEvents(loggedEvents('healthy'));
    expect(() => TrainingProgress.parse({ ...folded, state: 'running' })).not.toThrow();
    expect(folded).toMatchObject({ attempt: 1, step: 100, totalSteps: 100, failure: null, checkpoint: null });
    expect(folded.evaluations.map(({ step }) => step)).toEqual([20, 40, 60, 80, 100]);
  });

  it('reads up to the last whole line', () => {
    expect(foldEvents(loggedEvents('half-line'))).toMatchObject({ step: 49, badSteps: { notANumber: [] } });
  });

  it('orders by step when the clock goes back, and whatever the order of lines', () => {
    const events = loggedEvents('clock-back');
    const folded = foldEvents(events);
    expect(folded.evaluations.map(({ step }) => step)).toEqual([20, 40, 60]);
    expect(folded.step).toBe(60);
    expect(foldEvents(events.toReversed())).toEqual(folded);
  });

  it('counts a step that two attempts wrote once, by the later one', () => {
    const events = [
      started(1, 0),
      stepped(1, 4),
      stepped(1, 5, null),
      evaluated(1, 5, 9),
      started(2, 4),
      stepped(2, 5),
      evaluated(2, 5, 0.5),
    ];
    const { attempt, step, evaluations, badSteps } = foldEvents(events);
    expect({ attempt, step, badSteps }).toEqual({ attempt: 2, step: 5, badSteps: { notANumber: [], noSignal: [] } });
    expect(evaluations).toMatchObject([{ step: 5, losses: { validation: 0.5 } }]);
  });

  it('stands at the step of the last attempt, and forgets a checkpoint that it resumed below', () => {
    const events = [started(1, 0), saved(1, 10), saved(1, 20), stepped(1, 25), started(2, 10), stepped(2, 11)];
    expect(foldEvents(events)).toMatchObject({ step: 11, checkpoint: { step: 10, uri: 'checkpoints/1-10' } });
  });

  it('tells the failure of the last attempt only', () => {
    const failed: TrainingEvent = {
      event: 'failed',
      time: 0,
      attempt: 1,
      step: 3,
      cause: 'memory',
      message: 'out of memory',
    };
    expect(foldEvents([started(1, 0), failed]).failure).toEqual({ cause: 'memory', message: 'out of memory' });
    expect(foldEvents([started(1, 0), failed, started(2, 0)]).failure).toBeNull();
  });

  it('stays small enough to travel, whatever a log holds', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const message = 'Traceback '.repeat(10_000);
    const events: TrainingEvent[] = [
      started(1, 0),
      ...many.map((step) => stepped(1, step, null)),
      ...many.slice(0, 2000).map((step): TrainingEvent => ({ event: 'space', time: 0, attempt: 1, step, message })),
      { event: 'failed', time: 0, attempt: 1, step: 20_000, cause: 'internal', message },
    ];
    const folded = foldEvents(events);
    expect(JSON.stringify(folded).length).toBeLessThan(16_000);
    expect(trainingHealth(folded.badSteps, limits)).toMatchObject({
      verdict: 'stop',
      evidence: { firstNotANumber: 1 },
    });
    expect(folded.survived?.at(-1)).toBe('The same happened 1980 more times.');
    const curve = many.slice(0, 250).map((step) => {
      const figures = { validation: Math.sin(step), generic: Math.cos(step) };
      return { ...evaluated(1, step, 0), losses: figures, standardErrors: figures, exact: figures, epoch: step / 3 };
    });
    expect(JSON.stringify(foldEvents(curve)).length).toBeLessThan(64 * 1024);
  });

  it('makes nothing of nothing', () => {
    expect(foldEvents([])).toMatchObject({ attempt: 0, step: 0, evaluations: [], checkpoint: null });
  });
});

describe('trainingHealth (R9, cases 31 and 32)', () => {
  it('stops on NaN and names the first step', () => {
    const decision = trainingHealth(foldEvents(loggedEvents('nan')).badSteps, limits);
    expect(decision).toMatchObject({ verdict: 'stop', evidence: { firstNotANumber: 40 } });
    expect(decision.reason).toContain('step 40');
  });

  it('stops where nothing carries loss', () => {
    const decision = trainingHealth(foldEvents(loggedEvents('zero')).badSteps, limits);
    expect(decision).toMatchObject({ verdict: 'stop', evidence: { firstNoSignal: 1, noSignal: 100 } });
    expect(decision.reason).toContain('No learning signal');
  });

  it('lets a healthy run, and two bad steps, go on', () => {
    for (const name of ['healthy', 'clock-back', 'niche'])
      expect(trainingHealth(foldEvents(loggedEvents(name)).badSteps, limits).verdict).toBe('healthy');
    const two = foldEvents([started(1, 0), stepped(1, 1, null), stepped(1, 2, 1, null), stepped(1, 3)]);
    expect(trainingHealth(two.badSteps, limits)).toMatchObject({ verdict: 'healthy', evidence: { notANumber: 2 } });
  });

  it('stops where nothing that is trained has a gradient, whatever the loss', () => {
    const still = foldEvents([stepped(1, 1), stepped(1, 2, 2.4, 0), stepped(1, 3, 2.1, 0), stepped(1, 4, 2.5, 0)]);
    expect(trainingHealth(still.badSteps, limits)).toMatchObject({
      verdict: 'stop',
      reason: expect.stringContaining('a gradient of 0, from step 2 on'),
    });
    expect(foldEvents([stepped(1, 1, 2, 0), stepped(1, 2), stepped(1, 3, 2, 0)]).badSteps.noSignal).toEqual([]);
  });

  it('does not take one loss of 0, or losses of 0 with a moving gradient, for silence', () => {
    expect(foldEvents([stepped(1, 1, 0, 2), stepped(1, 2, 1, 2)]).badSteps.noSignal).toEqual([]);
    expect(foldEvents([stepped(1, 1, 0, 1), stepped(1, 2, 0, 2), stepped(1, 3, 0, 3)]).badSteps.noSignal).toEqual([]);
  });
});
