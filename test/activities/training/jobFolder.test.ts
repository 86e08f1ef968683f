/** Files of a job that a power cut, a full disk or a hand left otherwise than they were written: an answer or an error, never a wait. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { standingOf } from '../../../activities/processes/claims.js';
import { toUri } from '../../../activities/storage/files.js';
import { readPid, readResult, readStop, wholeCheckpoints } from '../../../activities/training/jobFolder.js';
import { keepSpec } from '../../../activities/training/keepSpec.js';
import { folderOf } from './checkpointFolders.js';
import { specOf } from './standIn.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'anneal-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const damaged = ['', '{"attempt": 1, "pi', '[]', '{}'];

describe('a damaged file', () => {
  it.each(damaged)('named result.json or pid.json ends the activity, and is named (%j)', async (content) => {
    const job = await folderOf(root, 'job', { 'result.json': content, 'pid.json': content });
    for (const read of [readResult, readPid])
      await expect(read(job)).rejects.toMatchObject({
        problem: {
          type: 'StorageDamaged',
          where: expect.stringContaining(job),
          todo: expect.stringContaining('remove'),
        },
      });
  });

  it('named spec.json is not taken for another job’s', async () => {
    const job = await folderOf(root, 'job', { 'spec.json': '' });
    await expect(keepSpec(job, specOf('/records.jsonl'))).rejects.toMatchObject({
      problem: { type: 'StorageDamaged', where: path.join(job, 'spec.json') },
    });
  });

  it.each(damaged)('named stop.json asks for a stop all the same, as it does of the trainer (%j)', async (content) => {
    const job = await folderOf(root, 'job', { 'stop.json': content });
    expect(await readStop(job)).toMatchObject({ how: 'checkpoint', why: expect.stringContaining('by hand') });
    expect(await readStop(root)).toBeNull();
  });

  it.each(damaged)('that was a claim is of nobody who lives (%j)', async (content) => {
    await folderOf(path.join(root, 'job'), 'attempts', { '1.json': content });
    expect(await standingOf(path.join(root, 'job'))).toEqual({ kind: 'free', next: 2 });
  });

  it.each(['', '[]', '{"files": ["a"]}', '{"files": {"a'])('that was a mark marks nothing (%j)', async (content) => {
    await folderOf(path.join(root, 'checkpoints'), 'checkpoint-10', { 'whole.json': content });
    await writeFile(path.join(root, 'checkpoints', 'checkpoint-20'), 'a file');
    expect(await wholeCheckpoints(root)).toEqual([]);
  });
});

it('takes the step of a checkpoint from its mark, not from the name of its folder', async () => {
  const uri = toUri(
    await folderOf(path.join(root, 'checkpoints'), 'checkpoint-40', { 'whole.json': { step: 20, files: {} } }),
  );
  expect(await wholeCheckpoints(root)).toEqual([{ step: 20, uri }]);
});

it('passes over what only bears the name of a checkpoint, as the trainer does', async () => {
  const uri = toUri(await folderOf(path.join(root, 'checkpoints'), 'checkpoint-5', { 'whole.json': {} }));
  const named = (name: string) => path.join(root, 'checkpoints', `checkpoint-${name}`);
  await symlink('checkpoint-10', named('10'));
  await symlink('checkpoint-5/whole.json', named('20'));
  await symlink('nowhere', named('30'));
  await mkdir(path.join(named('40'), 'whole.json'), { recursive: true });
  await folderOf(path.join(root, 'checkpoints'), 'checkpoint-50', { a: '', 'whole.json': { files: { 'a/b': 1 } } });
  expect(await wholeCheckpoints(root)).toEqual([{ step: 5, uri }]);
});

it('passes over a checkpoint that was copied from another job, as the trainer does', async () => {
  const checkpoints = path.join(root, 'checkpoints');
  const uri = toUri(await folderOf(checkpoints, 'checkpoint-5', { 'whole.json': { key: 'digits/coarse' } }));
  await folderOf(checkpoints, 'checkpoint-10', { 'whole.json': { key: 'receipts/coarse' } });
  await folderOf(root, '.', { 'spec.json': { key: 'digits/coarse' } });
  expect(await wholeCheckpoints(root)).toEqual([{ step: 5, uri }]);
});
