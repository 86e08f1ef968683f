/** However the rows of a dataset are cut into files and windows, and in whatever order the files are named. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { createDatasetActivities } from '../../../activities/data/index.js';
import { toPath } from '../../../activities/storage/files.js';
import { DatasetManifest, type DatasetRef, LedgerRow, splitNames } from '../../../config/records.js';
import { freshFolder, inputOf, removeFreshFolders } from './build.js';

jest.setTimeout(240_000);
afterAll(removeFreshFolders);

interface Cut {
  files: string[];
  windowRows: number;
  /** The build is cancelled once so many rows have been told, and begun again. */
  cancelAt: number | null;
}

async function buildCut(root: string, { files, windowRows, cancelAt }: Cut): Promise<DatasetRef> {
  const input = inputOf({ root, files, answer: { kind: 'text' } });
  if (cancelAt !== null) {
    const cancelled = new Error('cancelled');
    // Every heartbeat comes through, however little time passes between two.
    let clock = 0;
    const now = jest.spyOn(Date, 'now').mockImplementation(() => (clock += 1000));
    const { buildDatasetFolder } = createDatasetActivities({
      windowRows,
      heartbeat: (details) => {
        if ((details as { rows: number }).rows >= cancelAt) throw cancelled;
      },
    });
    await buildDatasetFolder(input).catch((error: unknown) => {
      if (error !== cancelled) throw error;
    });
    now.mockRestore();
  }
  return createDatasetActivities({ windowRows, heartbeat: () => undefined }).buildDatasetFolder(input);
}

/** Used, merged, rejected rows, and one whose picture is not there. */
async function rowsIn(root: string): Promise<string[]> {
  for (const red of [0, 90, 180]) {
    const create = { width: 8, height: 8, channels: 3 as const, background: { r: red, g: 40, b: 90 } };
    writeFileSync(path.join(root, `${red}.png`), await sharp({ create }).png().toBuffer());
  }
  const rows: object[] = Array.from({ length: 40 }, (_, index) => ({
    id: `r${index}`,
    image: `${[0, 90, 180][index % 3]}.png`,
    question: `Which one is it, number ${index % 23}?`,
    answer: `${index % 4}`,
    group: `g${index % 11}`,
  }));
  rows.push({ id: 'gone', image: 'gone.png', question: 'Which?', answer: '1' }, { id: 'empty', question: 'Which?' });
  return rows.map((row) => `${JSON.stringify(row)}\n`);
}

function holdCounts(ref: DatasetRef): DatasetManifest {
  const read = (name: string) =>
    readFileSync(path.join(toPath(ref.uri), name), 'utf8')
      .split('\n')
      .filter(Boolean);
  const manifest = DatasetManifest.parse(JSON.parse(readFileSync(path.join(toPath(ref.uri), 'manifest.json'), 'utf8')));
  const ledger = read('ledger.jsonl').map((line) => LedgerRow.parse(JSON.parse(line)));
  const { counts } = manifest;
  const fates = { used: counts.used, merged: counts.merged, rejected: counts.rejected };
  for (const [fate, count] of Object.entries(fates))
    expect(ledger.filter((row) => row.fate === fate)).toHaveLength(count);
  expect(counts.read).toBe(ledger.length);
  expect(counts.read).toBe(counts.used + counts.merged + counts.rejected + counts.waiting + counts.leftOut);
  for (const split of splitNames) expect(read(`${split}.jsonl`)).toHaveLength(counts.bySplit[split]);
  expect(splitNames.reduce((sum, split) => sum + counts.bySplit[split], 0)).toBe(counts.used);
  return manifest;
}

it('makes one dataset with any size of window, any order of files and a cancellation anywhere', async () => {
  const root = freshFolder();
  const rows = await rowsIn(root);
  const names = ['a.jsonl', 'b.jsonl', 'c.jsonl'];
  for (const [index, name] of names.entries())
    writeFileSync(path.join(root, name), rows.slice(index * 14, (index + 1) * 14).join(''));
  const whole = await buildCut(root, { files: names, windowRows: 5000, cancelAt: null });
  holdCounts(whole);
  const cuts = fc.record({
    files: fc.shuffledSubarray(names, { minLength: 3 }),
    windowRows: fc.integer({ min: 1, max: 60 }),
    cancelAt: fc.option(fc.nat(45)),
  });
  const property = fc.asyncProperty(cuts, async (cut) => {
    const made = await buildCut(root, cut);
    expect(made.digest).toBe(whole.digest);
    holdCounts(made);
  });
  await fc.assert(property, { numRuns: 25 });
});

it('has the same records in the same splits however they are cut into files', async () => {
  const root = freshFolder();
  const rows = await rowsIn(root);
  writeFileSync(path.join(root, 'all.jsonl'), rows.join(''));
  const splitsOf = (ref: DatasetRef) =>
    splitNames.map((split) =>
      readFileSync(path.join(toPath(ref.uri), `${split}.jsonl`), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id)
        .sort(),
    );
  const whole = splitsOf(await buildCut(root, { files: ['all.jsonl'], windowRows: 7, cancelAt: null }));
  const property = fc.asyncProperty(fc.integer({ min: 1, max: rows.length - 3 }), async (at) => {
    writeFileSync(path.join(root, '1.jsonl'), rows.slice(0, at).join(''));
    writeFileSync(path.join(root, '2.jsonl'), rows.slice(at).join(''));
    const made = await buildCut(root, { files: ['1.jsonl', '2.jsonl'], windowRows: 9, cancelAt: null });
    holdCounts(made);
    expect(splitsOf(made)).toEqual(whole);
  });
  await fc.assert(property, { numRuns: 15 });
});
