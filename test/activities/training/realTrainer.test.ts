import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endLocalProcesses, livingProcesses } from '../../../activities/processes/living.js';
import { toUri } from '../../../activities/storage/files.js';
import { createTrainingActivities, modelInfo } from '../../../activities/training/index.js';
import { TrainerCapabilities, type TrainingSpec } from '../../../config/training.js';
import { makeScenes, makeTinyModel, trainerFolder } from '../tinyModel.js';
import { depsOf, eventsOf, specOf, startedAttempts } from './standIn.js';

let root: string;
let records: string;
const { deps } = depsOf({ trainerFolder });
const activities = createTrainingActivities(deps);

beforeAll(async () => {
  process.env['OMP_NUM_THREADS'] = '1'; // two trainers of two threads on two cores wait for each other
  root = await mkdtemp(path.join(tmpdir(), 'anneal-real-'));
  records = path.join(root, 'train.jsonl');
  await makeTinyModel(path.join(root, 'model'));
  await makeScenes(records, 32);
}, 120_000);

afterAll(async () => {
  await endLocalProcesses(root, 'kill');
});

async function submit(key: string, changes: Partial<TrainingSpec> = {}) {
  const folder = path.join(root, key);
  const evaluate = { validation: { uri: toUri(records), limit: 8 } };
  const spec = specOf(records, { key, batchSize: 4, evaluationsPerEpoch: 2, evaluate, ...changes });
  return { folder, handle: await activities.submitTraining({ spec, folder: toUri(folder) }) };
}

describe('the real trainer', () => {
  it('is killed, found lost, resumed from its last whole checkpoint, and stopped with a checkpoint', async () => {
    const { folder, handle } = await submit('killed', { epochs: 50 });
    const early = await activities.watchTraining({ handle, seen: 2, stage: 'killed' });
    expect(early).toMatchObject({ state: 'running', totalSteps: 400 });
    expect(await endLocalProcesses(folder, 'kill')).toHaveLength(1);
    const lost = await activities.watchTraining({ handle, seen: 99, stage: 'killed' });
    expect(lost).toMatchObject({ state: 'lost', checkpoint: { step: expect.any(Number) } });

    const second = await submit('killed', { epochs: 50 });
    expect(second.handle).toMatchObject({ attempt: 2, adopted: false });
    const seen = lost.evaluations.length;
    await activities.watchTraining({ handle: second.handle, seen, stage: 'killed' });
    const [began, resumed] = (await startedAttempts(folder)).map(({ step }) => step);
    expect(began).toBe(0);
    // The kill may have come between a whole checkpoint and the line that tells of it.
    expect([0, 4]).toContain((resumed ?? 0) - (lost.checkpoint?.step ?? 0));

    await activities.stopTraining({ handle, how: 'checkpoint', why: 'enough' });
    expect(await livingProcesses(folder)).toEqual([]);
    const result = await activities.collectTraining({ handle });
    expect(result).toMatchObject({ stopped: true, changed: true, attempts: 2, rowsTrained: { business: 32 } });
    expect((await eventsOf(folder)).at(-1)).toMatchObject({ event: 'finished', step: result.steps });
  }, 600_000);

  it('tunes an adapter that is merged into a whole model, which answers', async () => {
    const { handle } = await submit('adapter', { method: 'lora', epochs: 1 });
    await activities.watchTraining({ handle, seen: 99, stage: 'adapter' });
    const adapter = (await activities.collectTraining({ handle })).checkpoints.at(-1)?.uri ?? '';
    const base = path.join(root, 'model');
    const { modelUri } = await activities.mergeAdapter({ model: base, adapter, into: path.join(root, 'merged') });
    const [info, merged] = await Promise.all([modelInfo(deps, base), modelInfo(deps, modelUri)]);
    expect(merged).toEqual({ ...info, digest: merged.digest });
    expect(merged.digest).not.toBe(info.digest);
    const { answersUri } = await activities.answerOffline({
      model: modelUri,
      adapter: null,
      setUri: toUri(records),
      limit: 5,
      seed: 1,
      prompt: { system: null, template: '{question}' },
      maximumTokens: 4,
      into: path.join(root, 'answers'),
    });
    const answers = (await readFile(fileURLToPath(answersUri), 'utf8')).trim().split('\n');
    expect(answers.map((line) => JSON.parse(line))).toHaveLength(5);
  }, 600_000);

  it('says what it can do, and refuses a folder that holds no model', async () => {
    expect(TrainerCapabilities.parse(await activities.trainerCapabilities()).methods).toContain('lora');
    await expect(modelInfo(deps, root)).rejects.toMatchObject({
      problem: { type: 'ModelInvalid', what: expect.stringContaining('config.json is missing') },
    });
  }, 60_000);
});
