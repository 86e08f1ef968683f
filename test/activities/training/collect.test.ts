/** What a trainer says of itself, held against the files of its job. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toUri } from '../../../activities/storage/files.js';
import { collectTraining } from '../../../activities/training/collect.js';
import { TrainingSpec } from '../../../config/training.js';
import { folderOf, safetensors } from './checkpointFolders.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-collect-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Told {
  steps?: number;
  changed?: boolean;
  key?: string;
  business?: number;
  /** The step that the last attempt began at. */
  resumedAt?: number;
  /** Files of the last checkpoint. */
  checkpoint?: Record<string, Buffer | string | object>;
  stopAsked?: boolean;
  /** What is left of events.jsonl. */
  events?: string;
  /** Two more records lie in the file, of a lower quality. */
  leastQuality?: number;
}

const whole = { 'model.safetensors': safetensors('learnt'), 'trainer_state.json': { global_step: 12 } };

/** A job of 12 steps on 8 records, and what collecting its result gives. */
async function collected(told: Told) {
  const {
    steps = 12,
    changed = true,
    key = 'job',
    business = 8,
    resumedAt = 0,
    checkpoint,
    stopAsked,
    leastQuality,
    events,
  } = told;
  const records = path.join(root, 'records.jsonl');
  const poor = { quality: 0.5 };
  const lines = leastQuality === undefined ? Array(8).fill({}) : [...Array(8).fill({}), poor, poor];
  await writeFile(records, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const spec = TrainingSpec.parse({
    schema: 'anneal.training/1',
    key: 'job',
    model: '/model',
    train: {
      business: { uri: records, ...(leastQuality === undefined ? {} : { leastQuality }) },
      mix: { business: 1, generic: 0 },
    },
    evaluate: {},
    learningRate: 1e-3,
    epochs: 3,
    batchSize: 2,
  });
  const started = {
    event: 'started',
    ...{ time: 1, attempt: 1, pid: 1, step: resumedAt, totalSteps: 12, stepsPerEpoch: 4, trainableParameters: 1 },
    ...{ samples: { business: 8, generic: 0 }, device: 'cpu', precision: 'float32' },
  };
  const last = await folderOf(root, `checkpoint-${steps}`, checkpoint ?? whole);
  const result = {
    schema: 'anneal.result/1',
    ...{ key, steps, stopped: steps < 12, samplesSeen: 2 * steps, changed, attempts: 1 },
    rowsTrained: { business, generic: 0 },
    checkpoints: [{ step: steps, uri: toUri(last) }],
    ...{ trainSeconds: 1, wallSeconds: 2 },
  };
  const folder = await folderOf(root, 'job', {
    'spec.json': spec,
    'events.jsonl': events ?? `${JSON.stringify(started)}\n`,
    'result.json': result,
    ...(stopAsked ? { 'stop.json': { how: 'checkpoint', why: 'overfit' } } : {}),
  });
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, trace: () => {}, log: () => {} };
  return collectTraining(log, { handle: { key: 'job', folder, attempt: 1, adopted: false } });
}

describe('collectTraining', () => {
  it('passes on a result that the files bear out, a stopped one too', async () => {
    expect(await collected({})).toMatchObject({ steps: 12, changed: true });
    expect(await collected({ steps: 5, stopAsked: true })).toMatchObject({ steps: 5, stopped: true });
    expect(await collected({ resumedAt: 12 })).toMatchObject({ steps: 12 });
    expect(await collected({ leastQuality: 0.9 })).toMatchObject({ steps: 12 });
  });

  it.each<[string, Told]>([
    ['resultOfAnotherJob: it is of the job "other"', { key: 'other' }],
    ['noStepTrained', { steps: 0 }],
    ['weightsUnchanged', { changed: false }],
    ['eventsLost', { events: '' }],
    ['eventsLost', { events: '\0\0\n' }],
    ['rowsMissing: 7 of 8 business records', { business: 7 }],
    ['rowsMissing: 7 of 8 business records', { business: 7, leastQuality: 0.9 }],
    ['endedEarly: it ended at step 6 of 12', { steps: 6 }],
    ['resumeTrainedNothing: it went on from step 6 of 12', { steps: 6, resumedAt: 6 }],
    ['checkpointBroken: the checkpoints of steps 12', { checkpoint: { 'trainer_state.json': {} } }],
    ['checkpointBroken', { checkpoint: { ...whole, 'model.safetensors': whole['model.safetensors'].subarray(0, 40) } }],
  ])('refuses by its name: %s', async (name, told) => {
    await expect(collected(told)).rejects.toMatchObject({
      problem: {
        type: 'TrainingFailed',
        what: expect.stringContaining(name),
        where: path.join(root, 'job', 'result.json'),
        todo: expect.stringContaining('log.txt'),
      },
    });
  });

  it('names all that is wrong at once', async () => {
    await expect(collected({ changed: false, business: 1 })).rejects.toThrow(/weightsUnchanged: .*; rowsMissing: /);
  });
});
