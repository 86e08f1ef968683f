import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { toUri } from '../../../activities/storage/files.js';
import { discardCheckpoints } from '../../../activities/training/discard.js';
import { readResult, wholeCheckpoints } from '../../../activities/training/jobFolder.js';

describe('discardCheckpoints', () => {
  let job: string;
  beforeEach(async () => {
    job = await mkdtemp(path.join(os.tmpdir(), 'anneal-discard-'));
    await mkdir(path.join(job, 'checkpoints', 'checkpoint-3'), { recursive: true });
    await writeFile(path.join(job, 'checkpoints', 'checkpoint-3', 'whole.json'), '{"files": {}}');
    await writeFile(path.join(job, 'events.jsonl'), '');
    const figures = { steps: 3, stopped: false, samplesSeen: 3, trainSeconds: 1, wallSeconds: 1, attempts: 2 };
    const rest = { changed: true, rowsTrained: { business: 3, generic: 0 }, checkpoints: [] };
    const result = { schema: 'anneal.result/1', key: 'k', ...figures, ...rest };
    await writeFile(path.join(job, 'result.json'), JSON.stringify(result));
  });
  afterEach(() => rm(job, { recursive: true, force: true }));

  it('frees the checkpoints, keeps the events, and leaves no result that names what is gone', async () => {
    expect(await wholeCheckpoints(job)).toHaveLength(1);
    await discardCheckpoints({ folders: [toUri(job)] });
    expect(await wholeCheckpoints(job)).toEqual([]);
    expect(await readResult(job)).toBeNull();
    expect((await readdir(job)).sort()).toEqual(['attempts', 'events.jsonl']);
    expect(await readdir(path.join(job, 'attempts'))).toEqual(['2.result.json']);
  });

  it('does nothing more the second time, nor to a folder that is not there', async () => {
    await discardCheckpoints({ folders: [toUri(job)] });
    await discardCheckpoints({ folders: [toUri(job), toUri(path.join(job, 'none'))] });
    expect((await readdir(job)).sort()).toEqual(['attempts', 'events.jsonl']);
  });
});
