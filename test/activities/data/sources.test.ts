import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { withFiles } from '../../../activities/data/read/rows.js';
import { isKept } from '../../../activities/data/splits/weight.js';
import type { SourceFile } from '../../../config/resolved.js';
import { build, cases, freshFolder, inputOf, removeFreshFolders } from './build.js';

/** A busy machine takes its time over thousands of pictures. */
jest.setTimeout(240_000);
afterAll(removeFreshFolders);

const row = (id: string) => `${JSON.stringify({ id, question: id, answer: 'a', image: `${id}.png` })}\n`;

function folderOf(names: string[]): string {
  const root = freshFolder();
  for (const name of names) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), row(name));
  }
  return root;
}

async function listed(root: string, entries: SourceFile[]): Promise<string[]> {
  const { source } = inputOf({ root, files: [], entries });
  return (await withFiles(source)).files.map((file) => path.relative(root, file.path));
}

describe('the sources of a task', () => {
  it('are files, globs and folders, each file once and in a fixed order', async () => {
    const root = folderOf(['b/2.jsonl', 'b/1.jsonl', 'b/notes.txt', 'a[1].jsonl', 'c/d/e.csv']);
    expect(
      await listed(root, [{ path: 'b/2.jsonl' }, { path: 'b' }, { path: '**/*.csv' }, { path: 'a[1].jsonl' }]),
    ).toEqual(['b/2.jsonl', 'b/1.jsonl', 'c/d/e.csv', 'a[1].jsonl']);
  });

  it('are not the files of the task itself', async () => {
    const root = folderOf(['task.json', 'reviews.jsonl', 'r.jsonl']);
    expect(await listed(root, [{ path: '.' }])).toEqual(['r.jsonl']);
  });

  it('may be shards by their numbers, as WebDataset writes them', async () => {
    const root = folderOf(['s-008.jsonl', 's-009.jsonl', 's-010.jsonl', 's-9.jsonl']);
    expect(await listed(root, [{ path: 's-{008..010}.jsonl' }])).toEqual(['s-008.jsonl', 's-009.jsonl', 's-010.jsonl']);
    await expect(listed(root, [{ path: 's-{009..011}.jsonl' }])).rejects.toThrow(/s-011.jsonl does not exist/);
  });

  it.each([
    ['a.zip', 'PK\x03\x04\x14\0', /ZIP archive/, /Unpack it/],
    ['a.xlsx', 'PK\x03\x04\x14\0..[Content_Types].xml', /Excel workbook/, /CSV/],
    ['a.jsonl.bz2', 'BZh91AY&SY', /bzip2/, /gzip/],
    ['a.pkl', '\x80\x04\x95', /pickle/, /JSONL/],
    ['a.arrow', '\xff\xff\xff\xff\x10\0', /Arrow/, /to_parquet/],
    ['a.png', '\x89PNG\r\n', /a picture, not/, /folder/],
  ])('that are no records are refused by what they are: %s', async (name, bytes, what, todo) => {
    const root = freshFolder();
    mkdirSync(path.join(root, 'd'));
    writeFileSync(path.join(root, 'd', name), Buffer.from(bytes, 'latin1'));
    const says = { problem: { what: expect.stringMatching(what), todo: expect.stringMatching(todo) } };
    await expect(build({ root, files: [`d/${name}`] })).rejects.toMatchObject(says);
    if (name === 'a.png') return;
    if (name === 'a.arrow') writeFileSync(path.join(root, 'd/dataset_info.json'), '{"features": {"image": {}}}');
    await expect(build({ root, files: ['d'] })).rejects.toMatchObject(says);
  });

  it('are refused where one leads nowhere, with the names that come nearest', async () => {
    const root = folderOf(['train.jsonl', 'test.jsonl', 'other/readme.txt']);
    await expect(listed(root, [{ path: 'trian.jsonl' }])).rejects.toThrow(/does not exist. Did you mean "train.jsonl"/);
    await expect(listed(root, [{ path: 'parts-*.jsonl' }])).rejects.toThrow(/matches no file. There are test.jsonl/);
    await expect(listed(root, [{ path: 'other' }])).rejects.toThrow(/no record files/);
  });

  it('may have fields, a question and a folder of pictures of their own', async () => {
    const root = path.resolve('test/fixtures/formats');
    const tables = { path: 'tables/unusual.csv', question: 'What is it?' };
    const fields = { id: 'id', image: 'Datei', question: 'question', answer: 'Text' };
    const made = await build({ root, files: ['plain/records.jsonl'], entries: [{ ...tables, fields }] });
    expect(made.manifest.sources.map(({ rows }) => rows)).toEqual([7, 2]);
    expect(made.ref.questions.join()).not.toContain('known format');
    const images = path.join(root, 'coco/val2014');
    const moved = await build({
      root,
      files: [],
      entries: [{ path: 'coco/annotations/captions_val2014.json', images }],
    });
    expect(moved.manifest.counts.used).toBe(3);
  });

  it('with a weight give that share of their groups, and the rest is left out by name', async () => {
    const root = path.resolve('examples/digits');
    const made = await build({ root, files: [], entries: [{ path: 'records.jsonl', weight: 0.25 }] });
    const { read, used, leftOut } = made.manifest.counts;
    expect(used + leftOut).toBe(read);
    expect(Math.abs(used / read - 0.25)).toBeLessThan(0.05);
    expect(made.ledger.filter(({ reason }) => reason === 'weight')).toHaveLength(leftOut);
    expect(made.records).toHaveLength(used);
  });

  it('of lower trust give records of lower quality (R15)', async () => {
    const digits = path.resolve('examples/digits');
    const rows = readFileSync(path.join(digits, 'records.jsonl'), 'utf8').split('\n').slice(0, 120);
    const root = freshFolder();
    writeFileSync(path.join(root, 'gold.jsonl'), rows.slice(0, 60).join('\n'));
    writeFileSync(path.join(root, 'scraped.jsonl'), rows.slice(60).join('\n'));
    const entries = [{ path: 'gold.jsonl' }, { path: 'scraped.jsonl', trust: 0.5 }];
    const made = await build({ root, files: [], entries, leastQualities: [0.5, 0.86] });
    const scraped = new Set(made.ledger.filter(({ source }) => source === 'scraped.jsonl').map(({ id }) => id));
    for (const { id, quality = 1 } of made.records) expect(quality <= 0.85).toBe(scraped.has(id));
    const { train = 0 } = made.ref.bySplit;
    expect(made.ref.ofQuality?.[0]).toEqual({ least: 0.5, records: train });
    const trusted = made.ref.ofQuality?.[1]?.records ?? 0;
    expect(trusted).toBeGreaterThan(0.3 * train);
    expect(trusted).toBeLessThan(0.7 * train);
  });

  it('with a larger weight keep all that a smaller one kept', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const keeps = (group: string, seed: number, one: number, other: number) =>
      !isKept(group, seed, Math.min(one, other)) || isKept(group, seed, Math.max(one, other));
    fc.assert(fc.property(fc.string(), fc.nat(), share, share, keeps));
  });
});

describe('pictures without an answer', () => {
  it('wait for one where the task says so, though no row has a field for it', async () => {
    const root = freshFolder();
    writeFileSync(path.join(root, 'a.png'), readFileSync(path.join(cases, 'content-string-or-list', 'a.png')));
    writeFileSync(path.join(root, 'r.jsonl'), '{"image": "a.png", "question": "What is it?"}\n');
    const made = await build({ root, files: ['r.jsonl'], unanswered: 'wait' });
    expect(made.manifest.counts).toMatchObject({ read: 1, used: 0, waiting: 1, rejected: 0 });
    expect(made.waiting[0]?.messages).toHaveLength(1);
    await expect(build({ root, files: ['r.jsonl'] })).rejects.toMatchObject({ problem: { type: 'DatasetInvalid' } });
  });
});
