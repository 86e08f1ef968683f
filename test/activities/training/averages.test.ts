import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isThere } from '../../../activities/processes/there.js';
import { toPath, toUri } from '../../../activities/storage/files.js';
import { createTrainingActivities } from '../../../activities/training/index.js';
import { depsOf, jobOf } from './standIn.js';

async function request(changes: { tuned?: string } = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-averages-'));
  const { spec: training } = await jobOf();
  const spec = {
    schema: 'anneal.averages/1' as const,
    training,
    base: '/base',
    tuned: '/tuned',
    shares: [0.5],
    ...changes,
  };
  const runs = async () => (await readFile(path.join(folder, 'runs.txt'), 'utf8')).trim().split('\n').length;
  return { folder, input: { spec, into: toUri(path.join(folder, 'averages.json')) }, runs };
}

describe('measureAverages (R12)', () => {
  it('pairs every share with both ends by record, so that what is hard about a record drops out', async () => {
    const { measureAverages } = createTrainingActivities(depsOf().deps);
    const [tuned, half, base] = await measureAverages((await request()).input);
    expect([tuned?.share, half?.share, base?.share]).toEqual([1, 0.5, 0]);
    expect(half?.fromBase['generic']).toMatchObject({ mean: expect.closeTo(0.0525), n: 8 });
    expect(half?.fromTuned['validation']).toMatchObject({ mean: expect.closeTo(-0.0525), n: 8 });
    expect(half?.fromBase['generic']?.standardError).toBeLessThan(0.002);
    expect(base?.fromBase['generic']).toEqual({ mean: 0, standardError: 0, n: 8 });
  });

  it('leaves the losses by record on the disk, and measures the same spec once', async () => {
    const { measureAverages } = createTrainingActivities(depsOf().deps);
    const { input, runs } = await request();
    const scores = await measureAverages(input);
    expect(JSON.stringify(scores)).not.toContain('r7');
    expect(await measureAverages(input)).toEqual(scores);
    expect(await runs()).toBe(1);
    await measureAverages({ ...input, spec: { ...input.spec, shares: [0.9] } });
    expect(await runs()).toBe(2);
  });

  it('fails for good when the command gives up, and says how to go on without', async () => {
    const { measureAverages } = createTrainingActivities(depsOf().deps);
    const { folder, input } = await request({ tuned: '/no-such-model' });
    await expect(measureAverages(input)).rejects.toMatchObject({
      problem: {
        type: 'TrainingFailed',
        what: expect.stringContaining('no such model'),
        todo: expect.stringContaining('mix.averaging = []'),
      },
    });
    expect(await isThere(path.join(folder, 'averages.json'))).toBe(false);
  });
});

describe('answerAsBase (R12, methods M8)', () => {
  const record = (id: string) => ({
    id,
    group: id,
    images: ['images/a.png'],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image', image: 0 },
          { type: 'text', text: 'What colour?' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'scarlet' }] },
    ],
  });

  async function asked(model = '/base') {
    const folder = await mkdtemp(path.join(tmpdir(), 'anneal-own-'));
    const set = path.join(folder, 'set', 'train.jsonl');
    await mkdir(path.dirname(set));
    await writeFile(set, ['one', 'two', 'three'].map((id) => `${JSON.stringify(record(id))}\n`).join(''));
    const into = toUri(path.join(folder, 'run', 'own'));
    await mkdir(toPath(into), { recursive: true });
    return { folder, input: { model, setUri: toUri(set), limit: 3, seed: 1, maximumTokens: 8, into } };
  }

  it('keeps the record and its picture, and puts the base’s answer in place of the label', async () => {
    const { answerAsBase } = createTrainingActivities(depsOf().deps);
    const { folder, input } = await asked();
    const { uri, records, left } = await answerAsBase(input);
    expect({ records, left }).toEqual({ records: 1, left: 1 });
    const [line] = (await readFile(toPath(uri), 'utf8')).trim().split('\n');
    const own = JSON.parse(line ?? '');
    expect(own.messages.at(-1)).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'red' }] });
    expect(own.messages[0]).toEqual(record('one').messages[0]);
    expect(path.resolve(path.dirname(toPath(uri)), own.images[0])).toBe(path.join(folder, 'set', 'images', 'a.png'));
  });

  it('fails where the base says nothing that can be learnt', async () => {
    const { answerAsBase } = createTrainingActivities(depsOf().deps);
    const { input } = await asked('/silent');
    await expect(answerAsBase(input)).rejects.toMatchObject({
      problem: { type: 'TrainingFailed', what: expect.stringContaining('All 2 answers') },
    });
  });
});
