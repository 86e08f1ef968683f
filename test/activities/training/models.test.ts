import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { livingProcesses } from '../../../activities/processes/living.js';
import { isThere } from '../../../activities/processes/there.js';
import { createTrainingActivities } from '../../../activities/training/index.js';
import { nonRetryableProblems } from '../../../config/problems.js';
import { depsOf, until } from './standIn.js';

async function request(changes: { model?: string; limit?: number } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-tool-'));
  const input = {
    model: '/models/tiny',
    adapter: null,
    setUri: 'file:///data/test.jsonl',
    limit: 300,
    seed: 1,
    prompt: { system: null, template: '{question}' },
    maximumTokens: 16,
    into: folder,
    ...changes,
  };
  const runs = async () => (await readFile(path.join(folder, 'runs.txt'), 'utf8')).trim().split('\n').length;
  return { folder, input, runs };
}

describe('trainerCapabilities', () => {
  it('are not waited for without end', async () => {
    process.env['TORCH_STAND_IN_SECONDS'] = '60';
    const { trainerCapabilities } = createTrainingActivities(depsOf({ toolStallsAfterSeconds: 1 }).deps);
    await expect(
      trainerCapabilities().finally(() => delete process.env['TORCH_STAND_IN_SECONDS']),
    ).rejects.toMatchObject({
      problem: { type: 'Internal', what: expect.stringContaining('did not answer "capabilities" within 1 s') },
    });
  });
});

describe('answerOffline', () => {
  it('asks once for the same answers, and again for others', async () => {
    const { answerOffline } = createTrainingActivities(depsOf().deps);
    const { folder, input, runs } = await request();
    const { answersUri } = await answerOffline(input);
    expect(answersUri).toBe(`file://${folder}/answers.jsonl`);
    expect(await answerOffline(input)).toEqual({ answersUri });
    expect(await runs()).toBe(1);
    await answerOffline({ ...input, limit: 10 });
    await answerOffline({ ...input, limit: 10, prompt: { system: 'Be brief.', template: '{question}' } });
    expect(await runs()).toBe(3);
  });

  it('says with the words of its log why it failed, and leaves no answers', async () => {
    const { answerOffline } = createTrainingActivities(depsOf().deps);
    const { folder, input } = await request({ model: '/models/no-such-model' });
    await expect(answerOffline(input)).rejects.toMatchObject({
      problem: { type: 'Internal', what: expect.stringContaining('no such model') },
    });
    expect(await isThere(path.join(folder, 'answers.jsonl'))).toBe(false);
  });

  it('is given up when it went wrong five times in a row, and may be asked for again by a person', async () => {
    const { answerOffline } = createTrainingActivities(depsOf().deps);
    const { input } = await request({ model: '/models/no-such-model' });
    const types: string[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1)
      await answerOffline(input).catch(({ problem }) => types.push(problem.type));
    expect(types).toEqual([...Array(4).fill('Internal'), 'TrainingFailed', 'Internal']);
  });

  it('is not tried again where the trainer refuses what it was given', async () => {
    const { answerOffline } = createTrainingActivities(depsOf().deps);
    const { input } = await request({ model: '/models/refused' });
    await expect(answerOffline(input)).rejects.toMatchObject({
      problem: { type: 'TrainingFailed', what: expect.stringContaining('mergedEqualsBase') },
    });
    expect(nonRetryableProblems).toContain('TrainingFailed');
  });

  it('is ended when it hangs, tried once more, and then given up with the likely causes', async () => {
    const { deps } = depsOf({ toolStallsAfterSeconds: 1 });
    const answers = createTrainingActivities(deps);
    process.env['TORCH_STAND_IN_SECONDS'] = '60';
    try {
      const { folder, input } = await request();
      const hangs = { what: expect.stringMatching(/"generate" stalled: .* once/s) };
      await expect(answers.answerOffline(input)).rejects.toMatchObject({ problem: { type: 'Internal', ...hangs } });
      expect(await livingProcesses(folder)).toEqual([]);
      const again = { what: expect.stringContaining('2 times'), todo: expect.stringContaining('file system') };
      await expect(answers.answerOffline(input)).rejects.toMatchObject({
        problem: { type: 'TrainingFailed', ...again },
      });
    } finally {
      delete process.env['TORCH_STAND_IN_SECONDS'];
    }
    const { input, runs } = await request();
    await answers.answerOffline(input);
    expect(await runs()).toBe(1);
  });

  it.each(['cancelRequested', 'workerShutdown'] as const)('ends its process at %s', async (reason) => {
    const { deps, interrupt } = depsOf();
    process.env['TORCH_STAND_IN_SECONDS'] = '60';
    try {
      const { folder, input } = await request();
      const answering = createTrainingActivities(deps).answerOffline(input);
      await until(async () => (await livingProcesses(folder)).length === 1);
      expect((await livingProcesses(folder))[0]).toMatchObject({
        kind: 'tool',
        where: path.join(folder, 'answers.jsonl'),
      });
      interrupt(reason);
      await expect(answering).rejects.toThrow(reason);
      expect(await livingProcesses(folder)).toEqual([]);
    } finally {
      delete process.env['TORCH_STAND_IN_SECONDS'];
    }
  });
});
