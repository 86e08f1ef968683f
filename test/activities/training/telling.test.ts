import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toUri } from '../../../activities/storage/files.js';
import type { Metrics } from '../../../activities/telemetry/metrics.js';
import { noteParent } from '../../../activities/training/attemptTraces.js';
import { spansOf } from '../../../activities/training/spans.js';
import { tallyOf } from '../../../activities/training/tally.js';
import { Telling } from '../../../activities/training/telling.js';
import { metrics } from '../../../config/metrics.js';
import { type FinishedSpan, placeOf, traceparentOf } from '../../../config/traces.js';
import type { TrainingEvent } from '../../../config/training.js';

const start = 1_800_000_000;
const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

const started = (attempt: number, step: number, time: number): TrainingEvent => ({
  event: 'started',
  time: start + time,
  attempt,
  pid: 1,
  step,
  totalSteps: 20,
  stepsPerEpoch: 10,
  samples: { business: 70, generic: 10 },
  answerTokens: { business: 300, generic: 100 },
  device: 'cpu',
  precision: 'float32',
  trainableParameters: 1,
});
const step = (attempt: number, at: number, time: number): TrainingEvent => ({
  event: 'step',
  time: start + time,
  attempt,
  step: at,
  epoch: at / 10,
  loss: 1 / at,
  gradNorm: 1,
  learningRate: 0.001,
  samplesPerSecond: 8,
});
const checkpoint = (attempt: number, at: number, time: number): TrainingEvent => ({
  event: 'checkpoint',
  time: start + time,
  attempt,
  step: at,
  path: `checkpoints/checkpoint-${at}`,
});

/** Killed at step 15, resumed from the checkpoint of step 10, trained to the end. */
const killed: TrainingEvent[] = [
  started(1, 0, 0),
  step(1, 5, 5),
  step(1, 10, 10),
  checkpoint(1, 10, 11),
  step(1, 15, 15),
  started(2, 10, 40),
  step(2, 15, 45),
  step(2, 20, 50),
  { event: 'finished', time: start + 51, attempt: 2, step: 20, stopped: false },
];

describe('what events add up to', () => {
  it('counts what was trained again, and no time in which no trainer ran', () => {
    expect(tallyOf(killed)).toEqual({ steps: 25, samples: 200, businessTokens: 750, genericTokens: 250, seconds: 26 });
    expect(tallyOf([])).toEqual({ steps: 0, samples: 0, businessTokens: 0, genericTokens: 0, seconds: 0 });
  });
});

describe('the spans of a trainer', () => {
  const parents = new Map([
    [1, parent],
    [2, parent],
  ]);
  const spans = spansOf('job', killed, parents);

  it('has each attempt, and in it its epochs and checkpoints; one that was killed is lost', () => {
    const shown = spans.map(({ span }) => [
      span.name,
      span.from - start,
      span.to - start,
      span.attributes['anneal.end'],
    ]);
    expect(shown).toEqual([
      ['checkpoint', 10, 11, undefined],
      ['epoch 1', 0, 10, undefined],
      ['epoch 2', 10, 15, undefined],
      ['trainer', 0, 15, 'lost'],
      ['epoch 2', 40, 50, undefined],
      ['trainer', 40, 51, 'finished'],
    ]);
    const [trainer] = spans.filter(({ span }) => span.name === 'trainer');
    expect(trainer?.span).toMatchObject({ traceId: parent.traceId, parentSpanId: parent.spanId });
    expect(spans[0]?.span.parentSpanId).toBe(trainer?.span.spanId);
  });

  it('gives the same ids whenever it is asked, and each span its own', () => {
    const again = spansOf('job', killed, parents).map(({ span }) => span.spanId);
    expect(again).toEqual(spans.map(({ span }) => span.spanId));
    expect(new Set(again).size).toBe(again.length);
  });

  it('has a span only when it is over, and then for good', () => {
    for (let known = 1; known <= killed.length; known += 1) {
      const before = spansOf('job', killed.slice(0, known), parents).map(({ span }) => span);
      expect(spans.filter(({ after }) => after <= known).map(({ span }) => span)).toEqual(before);
    }
  });

  it('has none of an attempt that nobody traced', () => {
    expect(spansOf('job', killed, new Map([[2, parent]])).map(({ span }) => span.name)).toEqual(['epoch 2', 'trainer']);
  });
});

describe('telling', () => {
  it('tells each event once, though it is watched by one worker after another', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'anneal-telling-'));
    const counts = new Map<string, number>();
    const sent: FinishedSpan[] = [];
    const counted: Metrics = {
      add: ({ name }, by) => void counts.set(name, (counts.get(name) ?? 0) + by),
      set: ({ name }, value) => void counts.set(name, value),
      record: () => undefined,
    };
    const handle = { key: 'job', folder: toUri(folder), attempt: 1, adopted: false };
    const log = { info: () => undefined, warn: (message: string) => Promise.reject(new Error(message)) };
    const traces = {
      current: () => parent,
      send: (spans: readonly FinishedSpan[]) => void sent.push(...spans),
      environment: () => ({}),
    };
    await noteParent(folder, 1, parent);
    await noteParent(folder, 2, parent);
    for (let known = 1; known <= killed.length; known += 1) {
      const telling = new Telling(handle, { log, metrics: counted, traces });
      await telling.tell(killed.slice(0, known), true);
      expect(counts.get(metrics.trainingsRunning.name)).toBe(1);
      await telling.tell(killed.slice(0, known), true);
      telling.end();
    }
    expect(counts.get(metrics.trainerSteps.name)).toBe(25);
    expect(counts.get(metrics.trainerSeconds.name)).toBe(26);
    expect(counts.get(metrics.trainerEnds.name)).toBe(1);
    expect(counts.get(metrics.trainingsRunning.name)).toBe(0);
    expect(sent).toEqual(
      expect.arrayContaining(
        spansOf(
          'job',
          killed,
          new Map([
            [1, parent],
            [2, parent],
          ]),
        ).map(({ span }) => span),
      ),
    );
    expect(sent).toHaveLength(6);
  });
});

describe('TRACEPARENT', () => {
  it('is read as it is written, and nothing else is', () => {
    expect(placeOf(traceparentOf(parent))).toEqual(parent);
    expect(placeOf('00-00-00-01')).toBeNull();
  });
});
