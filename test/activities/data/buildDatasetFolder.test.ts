import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import sharp from 'sharp';
import { createDatasetActivities } from '../../../activities/data/index.js';
import { splitNames } from '../../../config/records.js';
import { build, cases, fates, freshFolder, inputOf, removeFreshFolders } from './build.js';

/** A busy machine takes its time over thousands of rows. */
jest.setTimeout(240_000);
afterAll(removeFreshFolders);

/** A folder with pictures of as many greys, and records that ask for each. */
async function greyFolder(count: number, extra: Record<string, unknown>[] = []): Promise<string> {
  const root = freshFolder();
  const rows: Record<string, unknown>[] = [];
  for (let grey = 0; grey < count; grey += 1) {
    const create = { width: 8, height: 8, channels: 3 as const, background: { r: grey, g: grey, b: grey } };
    writeFileSync(path.join(root, `${grey}.png`), await sharp({ create }).png().toBuffer());
    rows.push({ id: `g${grey}`, image: `${grey}.png`, question: 'How bright?', answer: `${grey % 3}` });
  }
  writeFileSync(path.join(root, 'r.jsonl'), [...rows, ...extra].map((row) => `${JSON.stringify(row)}\n`).join(''));
  return root;
}

describe('buildDatasetFolder', () => {
  it('reads the 1,797 scanned digits without a loss', async () => {
    const made = await build({ root: path.resolve('examples/digits'), files: ['records.jsonl'] });
    const { read, used, merged, rejected, bySplit } = made.ref;
    expect({ read, used, merged, rejected }).toEqual({ read: 1797, used: 1797, merged: 0, rejected: 0 });
    expect(splitNames.reduce((sum, name) => sum + bySplit[name], 0)).toBe(1797);
    expect(made.records).toHaveLength(1797);
    expect(made.ref.questions).toEqual([]);
    expect(made.manifest.answers).toMatchObject({ distinct: 10, once: 0 });
    expect(made.manifest.tokens).toMatchObject({ imageMaximum: 18, perImage: 18 });
  });

  it('names the folder by its content alone, wherever its files lie', async () => {
    const root = await greyFolder(20);
    const copy = path.join(freshFolder(), 'elsewhere');
    cpSync(root, copy, { recursive: true });
    const [one, other] = [await build({ root, files: ['r.jsonl'] }), await build({ root: copy, files: ['r.jsonl'] })];
    expect(path.basename(one.folder)).toBe(`business-${one.ref.digest.slice(0, 12)}`);
    expect(other.ref.digest).toBe(one.ref.digest);
    expect(readFileSync(path.join(one.folder, 'ledger.jsonl'), 'utf8')).not.toContain(root);
    expect((await build({ root, files: ['r.jsonl'], seed: 2 })).ref.digest).not.toBe(one.ref.digest);
  });

  it('finds the folder that the same input made, and decodes nothing again', async () => {
    const root = await greyFolder(5);
    const into = freshFolder();
    const first = await build({ root, files: ['r.jsonl'], into });
    const images = path.join(first.folder, 'images');
    rmSync(images, { recursive: true });
    expect((await build({ root, files: ['r.jsonl'], into })).ref).toEqual(first.ref);
    expect(readdirSync(first.folder)).not.toContain('images');
  });

  it('builds anew when a picture changes, or one that was missing appears', async () => {
    const root = await greyFolder(5, [{ id: 'late', image: 'late.png', question: 'How bright?', answer: '1' }]);
    const into = freshFolder();
    const first = await build({ root, files: ['r.jsonl'], into });
    expect(fates(first)).toMatchObject({ late: 'imageNotFound' });
    writeFileSync(path.join(root, 'late.png'), await sharp(path.join(root, '1.png')).negate().png().toBuffer());
    const second = await build({ root, files: ['r.jsonl'], into });
    expect(fates(second)).toMatchObject({ late: 'used' });
    writeFileSync(path.join(root, '0.png'), await sharp(path.join(root, '2.png')).negate().png().toBuffer());
    const third = await build({ root, files: ['r.jsonl'], into });
    expect(new Set([first, second, third].map(({ ref }) => ref.digest)).size).toBe(3);
  });

  it('goes on from where it was cancelled, and what nobody goes on with is removed in time', async () => {
    const root = await greyFolder(80);
    const into = freshFolder();
    mkdirSync(path.join(into, '.building-killed'));
    utimesSync(path.join(into, '.building-killed'), 0, 0);
    const cancelled = new Error('cancelled');
    const { buildDatasetFolder } = createDatasetActivities({
      heartbeat: (details) => {
        if ((details as { rows: number }).rows >= 0) throw cancelled;
      },
    });
    await expect(buildDatasetFolder(inputOf({ root, files: ['r.jsonl'], into }))).rejects.toBe(cancelled);
    const built = await build({ root, files: ['r.jsonl'], into });
    expect(built.ref).toEqual({ ...(await build({ root, files: ['r.jsonl'] })).ref, uri: built.ref.uri });
    expect(readdirSync(into).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('makes the same dataset of its sources in any order', async () => {
    const root = await greyFolder(12);
    const rows = readFileSync(path.join(root, 'r.jsonl'), 'utf8').trim().split('\n');
    for (const [index, name] of ['b.jsonl', 'a.jsonl', 'c.jsonl'].entries())
      writeFileSync(path.join(root, name), rows.slice(4 * index, 4 * index + 4).join('\n'));
    const one = await build({ root, files: ['b.jsonl', 'a.jsonl', 'c.jsonl'] });
    const other = await build({ root, files: ['c.jsonl', 'b.jsonl', 'a.jsonl'] });
    expect(other.ref.digest).toBe(one.ref.digest);
  });

  it('makes one folder of two builds at once', async () => {
    const root = await greyFolder(10);
    const into = freshFolder();
    const both = await Promise.all([1, 2].map(() => build({ root, files: ['r.jsonl'], into })));
    expect(both[0]?.ref).toEqual(both[1]?.ref);
    expect(readdirSync(into).filter((name) => name !== 'inputs')).toHaveLength(1);
  });

  it('keeps declared groups together and gives repeated ids a number', async () => {
    const extra = [{ id: 'g0', image: '1.png', question: 'Dark?', answer: 'yes', page: 'p' }];
    const root = await greyFolder(3, [
      ...extra,
      { id: 'g9', image: '2.png', question: 'Dark?', answer: 'no', page: 'p' },
    ]);
    const made = await build({ root, files: ['r.jsonl'], fields: { group: 'page' } });
    const groupOf = (id: string) => made.records.find((record) => record.id === id)?.group;
    expect(groupOf('g1')).toBe(groupOf('g2'));
    expect(groupOf('g0~2')).toBe(groupOf('g1'));
    expect(groupOf('g0')).not.toBe(groupOf('g1'));
    expect(made.manifest.counts.repairs).toEqual({ idRepeated: 1 });
  });

  it('moves no record that was there when rows are added', async () => {
    const root = await greyFolder(40);
    const before = await build({ root, files: ['r.jsonl'] });
    const more = await greyFolder(60);
    const after = await build({ root: more, files: ['r.jsonl'] });
    const splits = new Map(after.ledger.map(({ id, split }) => [id, split]));
    for (const { id, split } of before.ledger) expect([id, splits.get(id)]).toEqual([id, split]);
  });

  it('keeps the splits of an earlier build, and leaves out what would tie two of them together', async () => {
    const root = await greyFolder(60);
    const before = await build({ root, files: ['r.jsonl'] });
    const inSplit = (name: string) =>
      before.records.find(({ id }) => before.ledger.some((row) => row.id === id && row.split === name))?.id.slice(1);
    const tie = {
      id: 'tie',
      images: [`${inSplit('train')}.png`, `${inSplit('test')}.png`],
      question: 'Which is darker?',
      answer: '1',
    };
    writeFileSync(
      path.join(root, 'r.jsonl'),
      `${readFileSync(path.join(root, 'r.jsonl'), 'utf8')}${JSON.stringify(tie)}\n`,
    );
    const after = await build({ root, files: ['r.jsonl'], keepSplitsOf: before.folder, seed: 7 });
    const splits = new Map(after.ledger.map(({ id, split }) => [id, split]));
    for (const { id, split } of before.ledger) expect([id, splits.get(id)]).toEqual([id, split]);
    expect(fates(after)).toMatchObject({ tie: 'joinsSplits' });
    expect(after.manifest.counts).toMatchObject({ read: 61, used: 60, leftOut: 1, byReason: { joinsSplits: 1 } });
  });

  it('gives every row read a line in the ledger, wrong JSON too, and asks when too many are rejected', async () => {
    const root = await greyFolder(4);
    const good = readFileSync(path.join(root, 'r.jsonl'), 'utf8');
    writeFileSync(path.join(root, 'r.jsonl'), `{"oops\n${good}${good.split('\n')[0]}\n{"image": "none.png"}\n`);
    const made = await build({ root, files: ['r.jsonl'] });
    expect(made.ledger).toHaveLength(7);
    expect(made.ref).toMatchObject({ read: 7, used: 4, merged: 1, rejected: 2 });
    expect(made.manifest.counts.byReason).toEqual({ jsonInvalid: 1, answerMissing: 1 });
    expect(made.ref.questions[0]).toMatch(/2 of 7 rows \(28.6 %\) are rejected, over 1 %/);
  });

  it('asks about contradictions only where answers are not captions', async () => {
    const root = await greyFolder(4, [{ image: '0.png', question: 'how  bright? ', answer: 'very' }]);
    const asked = async (kind: 'text' | 'attributes') =>
      (await build({ root, files: ['r.jsonl'], answer: { kind } })).ref.questions.join('\n');
    expect(await asked('text')).toMatch(/2 of 5 records \(40 %\).*Which answers are right/);
    expect(await asked('attributes')).not.toMatch(/Which answers/);
  });

  it('stops with file, line and remedy when a file has no row of use', async () => {
    const root = await greyFolder(3);
    const refused = async (content: string | Buffer | null) => {
      if (content !== null) writeFileSync(path.join(root, 'bad.jsonl'), content);
      return build({ root, files: ['r.jsonl', content === null ? 'none.jsonl' : 'bad.jsonl'] });
    };
    const problem = (where: RegExp, what: RegExp) => ({
      problem: { type: 'DatasetInvalid', where: expect.stringMatching(where), what: expect.stringMatching(what) },
    });
    await expect(refused('{"a": \n')).rejects.toMatchObject(problem(/bad.jsonl, line 1: .*column 7/, /jsonInvalid/));
    await expect(refused('')).rejects.toMatchObject(problem(/bad.jsonl/, /no record/));
    await expect(refused('{"image":"x.png","question":"q","answer":"a"}')).rejects.toMatchObject(
      problem(/bad.jsonl, line 1.*x.png/, /imageNotFound/),
    );
    await expect(refused(null)).rejects.toMatchObject(problem(/none.jsonl/, /does not exist/));
    await expect(refused(Buffer.from('PK\u0003\u0004\0\0zip'))).rejects.toMatchObject(
      problem(/bad.jsonl/, /It is a ZIP archive/),
    );
    await expect(refused(Buffer.from([1, 2, 3, 0, 255, 254]))).rejects.toMatchObject(
      problem(/bad.jsonl/, /neither JSON nor CSV/),
    );
  });

  it('makes the same records of a file packed or not, and reads its own output', async () => {
    const root = freshFolder();
    cpSync(path.join(cases, 'class-imbalance'), root, { recursive: true });
    writeFileSync(path.join(root, 'plain.jsonl'), gunzipSync(readFileSync(path.join(root, 'train.jsonl.gz'))));
    const packed = await build({ root, files: ['train.jsonl.gz'] });
    expect((await build({ root, files: ['plain.jsonl'] })).records).toEqual(packed.records);
    const own = splitNames.find((name) => packed.ref.bySplit[name] > 0) as string;
    writeFileSync(
      path.join(packed.folder, 'again.gz'),
      gzipSync(readFileSync(path.join(packed.folder, `${own}.jsonl`))),
    );
    const again = await build({ root: packed.folder, files: ['again.gz'], fields: { group: 'group' } });
    expect(again.records).toEqual(packed.records);
  });
});
