import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { asked, used, writeStored } from '../activities/data/storedDataset.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';
import { anneal } from './shells.js';

jest.setTimeout(240_000);

let root: string;
const run = (...argv: string[]) => anneal(root, {}, 'data', ...argv);

/** Rows about a picture of their own each, so that the import finds nothing to remark. */
async function writeRows(file: string, rows: object[]): Promise<void> {
  writeFileSync(path.join(root, file), rows.map((row) => JSON.stringify(row)).join('\n'));
  for (const [index] of rows.entries()) {
    const background = { r: index % 256, g: (index * 7) % 256, b: 40 };
    await sharp({ create: { width: 20, height: 20, channels: 3, background } })
      .png()
      .toFile(path.join(root, `${index}.png`));
  }
}

const row = (index: number) => ({
  id: `r${index}`,
  image: `${index}.png`,
  question: 'Which number?',
  answer: `${index % 5}`,
});

beforeAll(async () => {
  root = await makeRoot();
  const good = Array.from({ length: 120 }, (_, index) => row(index));
  await writeRows('good.jsonl', good);
  writeFileSync(
    path.join(root, 'bad.jsonl'),
    [...good, { ...row(1), id: 'x', image: 'gone.png' }, { ...row(2), id: 'y', image: 'lost.png' }]
      .map((each) => JSON.stringify(each))
      .join('\n'),
  );
  writeFileSync(path.join(root, 'useless.jsonl'), '{"id": 1, "image": "0.png", "question": "?"}\n');
  await writeStored(path.join(root, 'one'), {
    records: { train: [asked('a')], test: [asked('b')] },
    ledger: [used('a', 'train'), used('b', 'test')],
  });
  await writeStored(path.join(root, 'other'), {
    records: { train: [asked('a'), asked('b')] },
    ledger: [used('a', 'train'), used('b', 'train')],
  });
});
afterAll(() => removeRoot(root));

describe('anneal data check', () => {
  it('takes a file that no task names, ends with 0 when all is well, and keeps nothing', async () => {
    const before = readdirSync(root);
    const { code, data } = await run('check', 'good.jsonl');
    expect(code).toBe(0);
    expect(data).toContain('Read  120 rows of good.jsonl (jsonl: fields)');
    expect(data).toMatch(/^ {2}120 {2}used$/m);
    expect(readdirSync(root)).toEqual(before);
  });

  it('says why rows are rejected, where the first is and what to do, and ends with 4', async () => {
    const { code, data } = await run('check', 'bad.jsonl');
    expect(code).toBe(4);
    expect(data).toContain('  2 rejected: imageNotFound\n      first: bad.jsonl, line 121:');
    expect(data).toContain('      do:    Put the picture there');
    expect(data).toContain('A person is asked:');
  });

  it('ends with 2 where nothing can be used', async () => {
    const { code, talk } = await run('check', 'useless.jsonl');
    expect(code).toBe(2);
    expect(talk).toContain('The rows are in no known format; their keys are "id", "image", "question".');
  });

  it('reads a dataset that is built', async () => {
    const { code, data } = await run('check', 'one', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(data)).toMatchObject({
      fates: { used: 2, rejected: 0 },
      bySplit: { train: 1, test: 1 },
      notUsed: [],
    });
  });

  it('says what there could be where there is nothing', async () => {
    expect((await run('check', 'nowhere')).code).toBe(2);
  });
});

describe('anneal data export', () => {
  it('builds the dataset of a file and writes it as another trainer’s rows', async () => {
    const { code, data } = await run('export', 'good.jsonl', '--to', 'ms-swift', '--into', 'swift', '--json');
    expect(code).toBe(0);
    const { counts, files } = JSON.parse(data);
    expect(counts).toMatchObject({ records: 120, answers: 120, refused: 0 });
    const rows = files.map(
      ({ name }: { name: string }) =>
        readFileSync(path.join(root, 'swift', name), 'utf8')
          .trim()
          .split('\n').length,
    );
    expect(rows.reduce((sum: number, count: number) => sum + count, 0)).toBe(120);
  });

  it('overwrites nothing', async () => {
    mkdirSync(path.join(root, 'full/of/things'), { recursive: true });
    const { code, talk } = await run('export', 'one', '--to', 'trl', '--into', 'full');
    expect(code).toBe(2);
    expect(talk).toContain('an export overwrites nothing');
  });
});

describe('anneal data diff', () => {
  it('ends with 4 and says which records moved between splits', async () => {
    const { code, data } = await run('diff', 'one', 'other', '--html', 'pages/diff.html');
    expect(code).toBe(4);
    expect(data).toMatch(/^moved between splits {4}1 {2}must be none$/m);
    expect(data).toMatch(/^Moved:\n {2}b {2}test {2}train$/m);
    expect(existsSync(path.join(root, 'pages/diff.html'))).toBe(true);
  });

  it('ends with 0 where nothing moved', async () => {
    const { code, data } = await run('diff', 'one', 'one', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(data)).toMatchObject({ same: 2, moved: { count: 0 } });
  });

  it('takes dataset folders alone', async () => {
    expect((await run('diff', 'one', 'nowhere')).talk).toContain('There is no such folder.');
    expect((await run('diff', 'one', 'full')).talk).toContain('the folder has no manifest.json');
  });
});

describe('anneal data show', () => {
  it('writes the gallery beside the dataset’s pictures', async () => {
    const { code, data } = await run('show', 'one');
    expect([code, data]).toEqual([0, `${path.join(root, 'one', 'gallery.html')}\n`]);
    expect(readFileSync(data.trim(), 'utf8')).toContain('2 records of 2 rows');
  });
});
