import { describe, expect, it } from '@jest/globals';
import { chosenEpoch, lossLines } from '../../../activities/report/charts/losses.js';
import { curveOf, readCurve } from '../../../activities/report/curves.js';
import type { TrainingEvent } from '../../../config/training.js';
import { training } from './facts.js';
import { placesIn } from './places.js';
import { temporaryFolder } from './rendering.js';
import { writeLines } from './runFiles.js';

const silent = { info: () => undefined, warn: () => undefined };

function started(attempt: number, step: number): TrainingEvent {
  const plan = { totalSteps: 40, stepsPerEpoch: 10, samples: { business: 320, generic: 32 } };
  return {
    event: 'started',
    time: 0,
    attempt,
    pid: 1,
    step,
    ...plan,
    device: 'cpu',
    precision: 'float32',
    trainableParameters: 1,
  };
}

function step(attempt: number, at: number, loss: number | null): TrainingEvent {
  return {
    event: 'step',
    time: 0,
    attempt,
    step: at,
    epoch: at / 10,
    loss,
    gradNorm: 1,
    learningRate: 1e-3,
    samplesPerSecond: null,
  };
}

function evaluated(attempt: number, at: number, validation: number): TrainingEvent {
  const losses = { validation, generic: 0.1 };
  return {
    event: 'evaluation',
    time: 0,
    attempt,
    step: at,
    epoch: at / 10,
    losses,
    standardErrors: {},
    exact: {},
    itemLosses: '',
  };
}

describe('curveOf', () => {
  it('takes each step from the attempt that resumed before it, and drops what that attempt has not reached', () => {
    const first = [
      started(1, 0),
      evaluated(1, 0, 2),
      step(1, 10, 1),
      step(1, 20, 0.9),
      step(1, 30, 0.8),
      evaluated(1, 30, 0.7),
    ];
    const second = [started(2, 10), step(2, 20, 0.5)];
    const curve = curveOf('fine', [...first, ...second]);
    expect(curve.steps.map(({ step: at, loss }) => [at, loss])).toEqual([
      [10, 1],
      [20, 0.5],
    ]);
    expect(curve.evaluations.map(({ step: at }) => at)).toEqual([0]);
  });
});

describe('what the trainer got over', () => {
  it('is said of the training it happened to', () => {
    const memory = { event: 'memory', time: 0, attempt: 1, step: 3, from: 4, to: 2, message: 'out of memory' } as const;
    expect(curveOf('fine', [started(1, 0), memory]).survived?.[0]).toContain('Memory ran out with 4 samples at once');
    expect(curveOf('fine', [started(1, 0)])).not.toHaveProperty('survived');
  });
});

describe('readCurve', () => {
  it('has the evaluations of the summary where there are no events', async () => {
    const curve = [{ step: 0, epoch: 0, losses: { validation: 2 }, standardErrors: {}, exact: {} }];
    const summary = training(placesIn(await temporaryFolder()), 'fine', { curve });
    expect(await readCurve(summary, silent)).toMatchObject({ device: null, steps: [], evaluations: curve });
  });

  it('reads a file that the trainer is still writing', async () => {
    const summary = training(placesIn(await temporaryFolder()), 'fine');
    await writeLines(summary.eventsUri, [started(1, 0), evaluated(1, 0, 2), step(1, 10, null)]);
    expect(await readCurve(summary, silent)).toMatchObject({ device: 'cpu', steps: [{ step: 10, loss: null }] });
  });
});

describe('lossLines', () => {
  it('draws held-out sets first and averages a long training to 160 points at most', () => {
    const steps = Array.from({ length: 5000 }, (_, index) => step(1, index + 1, 1));
    const lines = lossLines(curveOf('fine', [started(1, 0), evaluated(1, 0, 2), ...steps]));
    expect(lines.map(({ name }) => name)).toEqual(['validation', 'generic', 'training']);
    expect(lines[2]?.points.length).toBeLessThanOrEqual(160);
    expect(lines[2]?.points.every(([, loss]) => loss === 1)).toBe(true);
  });

  it('leaves a gap where a loss was not a number', () => {
    const lines = lossLines(curveOf('fine', [step(1, 1, 1), step(1, 2, null), step(1, 3, 1)]));
    expect(lines[0]?.points.map(([, loss]) => loss)).toEqual([1, null, 1]);
  });
});

describe('chosenEpoch', () => {
  it('is that of the step, or by the steps of an epoch where no event has it', () => {
    const curve = curveOf('fine', [started(1, 0), evaluated(1, 30, 1)]);
    const chosen = (chosenStep: number | null) =>
      chosenEpoch(training(placesIn('/nowhere'), 'fine', { chosenStep }), curve);
    expect([chosen(30), chosen(25), chosen(null)]).toEqual([3, 2.5, null]);
  });
});
