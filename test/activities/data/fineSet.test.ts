import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeFineSet } from '../../../activities/data/build/fineSet.js';
import { QualitySettings } from '../../../config/quality.js';
import type { TaskRecord } from '../../../config/records.js';
import { freshFolder, removeFreshFolders } from './build.js';
import { recordOf } from './convert/builders.js';

afterAll(removeFreshFolders);

async function fineSetOf(records: TaskRecord[], over: object = {}) {
  const folder = freshFolder();
  writeFileSync(path.join(folder, 'train.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const settings = QualitySettings.parse(over);
  const made = await writeFineSet(folder, { settings, seed: 1, heartbeat: () => undefined });
  const file = path.join(folder, 'train-fine.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : null;
  return { made, records: lines?.map((line) => JSON.parse(line) as TaskRecord) ?? null };
}

describe('writeFineSet', () => {
  const spread = Array.from({ length: 300 }, (_, index) =>
    recordOf(`r${index}`, 'x', { quality: (index % 100) / 100 }),
  );

  it('writes the records of high quality beside all, with a few of the rest', async () => {
    const { made, records } = await fineSetOf(spread);
    expect(made).toMatchObject({ count: records?.length, decision: { verdict: 'fineSet' } });
    expect(records?.filter(({ quality = 0 }) => quality >= 0.5)).toEqual(
      spread.filter(({ quality = 0 }) => quality >= 0.5),
    );
    const replayed = records?.filter(({ quality = 0 }) => quality < 0.5) ?? [];
    expect(replayed.length).toBeGreaterThan(3);
    expect(replayed.length).toBeLessThan(35);
    expect((await fineSetOf(spread)).made.digest).toBe(made.digest);
  });

  it('writes no file where all records are of one quality', async () => {
    const { made, records } = await fineSetOf(spread.map(({ quality: _, ...record }) => record));
    expect(made).toMatchObject({ count: null, decision: { verdict: 'sameRecords' } });
    expect(records).toBeNull();
  });
});
