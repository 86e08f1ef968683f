import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { addEntry } from '../../activities/champions/history.js';
import { championOf, newEntry } from '../activities/champions/builders.js';
import { anneal } from './shells.js';

describe('anneal champion', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'anneal-champion-'));
    const folder = path.join(root, '.anneal', 'champions', 'parts');
    for (const [key, verdict] of [['a', 'first'] as const, ['b', 'promoted'] as const]) {
      const entry = newEntry({ key, verdict, champion: championOf(key, root), reason: `round ${key}` });
      await addEntry(folder, key, () => entry);
    }
  });
  afterAll(() => rm(root, { recursive: true }));

  const champion = (...argv: string[]) => anneal(root, {}, 'champion', ...argv);

  it('lists the rounds, the newest first, by the task’s name or folder', async () => {
    for (const task of ['parts', './tasks/parts']) {
      const { code, data } = await champion('list', task);
      expect(code).toBe(0);
      expect(data).toMatch(
        /^VERSION.*\n2 .*promoted.*run-b.*round b\n1 .*first.*run-a.*round a\nModel: {2}file:.*\/b\n$/,
      );
    }
  });

  it('rolls back by one command, which says what serves now', async () => {
    const { code, data } = await champion('rollback', 'parts', '--why', 'complaints', '--by', 'Ada');
    expect({ code, data }).toEqual({
      code: 0,
      data: expect.stringMatching(/^Version 3: Back to version 1: complaints\n/),
    });
    const { champion: now, history } = JSON.parse((await champion('list', 'parts', '--json')).data);
    expect(now.run).toBe('run-a');
    expect(history.at(-1)).toMatchObject({ verdict: 'rolledBack', by: 'Ada' });
  });

  it.each([
    [['list', 'prats'], 'Did you mean "parts"?'],
    [['rollback', 'parts', '--to', '7', '--why', 'x'], 'no version 7'],
    [['rollback', 'parts', '--to', 'first', '--why', 'x'], 'A version is a whole number'],
    [['rollback', 'parts'], '--why'],
  ])('refuses %j', async (argv, says) => {
    const { code, talk } = await champion(...argv);
    expect({ code, talk }).toEqual({ code: 2, talk: expect.stringContaining(says) });
  });
});
