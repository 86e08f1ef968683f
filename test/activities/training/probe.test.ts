import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isThere } from '../../../activities/processes/there.js';
import { toUri } from '../../../activities/storage/files.js';
import { createTrainingActivities } from '../../../activities/training/index.js';
import { depsOf, jobOf } from './standIn.js';

async function request(changes: { model?: string } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-probe-'));
  const { spec } = await jobOf();
  const asked = { schema: 'anneal.probe/1', stage: 'start', training: { ...spec, ...changes } } as const;
  const runs = async () => (await readFile(path.join(folder, 'runs.txt'), 'utf8')).trim().split('\n').length;
  return { folder, input: { spec: asked, into: toUri(path.join(folder, 'start.json')) }, runs };
}

describe('probeTraining', () => {
  it('takes the figures once for the same spec, and again for another', async () => {
    const { probeTraining } = createTrainingActivities(depsOf().deps);
    const { input, runs } = await request();
    const figures = await probeTraining(input);
    expect(figures).toMatchObject({ stage: 'start', labels: null, notRun: ['labels'] });
    expect(await probeTraining(input)).toEqual(figures);
    expect(await runs()).toBe(1);
    await probeTraining({ ...input, spec: { ...input.spec, records: 16 } });
    expect(await runs()).toBe(2);
  });

  it('fails for good when the command gives up, and says how to go on without', async () => {
    const { probeTraining } = createTrainingActivities(depsOf().deps);
    const { folder, input } = await request({ model: '/models/no-such-model' });
    await expect(probeTraining(input)).rejects.toMatchObject({
      problem: {
        type: 'TrainingFailed',
        what: expect.stringContaining('no such model'),
        todo: expect.stringContaining('sanity.probes.use'),
      },
    });
    expect(await isThere(path.join(folder, 'start.json'))).toBe(false);
  });
});
