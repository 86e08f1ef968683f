import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { answerDigest, Reviews } from '../../../activities/data/records/reviews.js';
import { applyReview, type ReviewWish } from '../../../activities/rewriting/review/apply.js';
import { csvHeader, defused, fused, readDecisions } from '../../../activities/rewriting/review/csvFile.js';
import { toPath } from '../../../activities/storage/files.js';
import { Review } from '../../../config/rewriting.js';
import { build, freshFolder, removeFreshFolders } from '../data/build.js';
import { ok, StandIn } from '../vlm/standIn.js';
import { buildDataset, type Rewritten, type Row, rewrite, writeRows, writeTask } from './builders.js';

afterAll(removeFreshFolders);

const labels = { kind: 'label' as const, labels: ['cat', 'dog', 'bird'] };
const rows: Row[] = ['r1', 'r2', 'r3'].map((id) => ({ id, answer: 'cat' }));

/** Three labels "cat" that the model calls "dog". */
async function proposals(root: string): Promise<Rewritten> {
  await writeTask(root, rows);
  const server = new StandIn(() => ok('dog'));
  try {
    return await rewrite({ root, baseUrl: await server.start(), answer: labels });
  } finally {
    await server.stop();
  }
}

/** The review file with decisions written into it, by record. */
async function decide(
  made: Rewritten,
  decisions: Record<string, [decision: string, edited?: string]>,
): Promise<string> {
  const file = made.file('review.csv');
  const lines = (await readFile(file, 'utf8')).split('\r\n').map((line) => {
    const record = Object.keys(decisions).find((each) => line.includes(`"${each}"`));
    const [decision = '', edited = ''] = record === undefined ? [] : (decisions[record] ?? []);
    return record === undefined ? line : line.replace('"","","cat"', `"${decision}","${edited}","cat"`);
  });
  await writeFile(file, lines.join('\r\n'));
  return file;
}

function wishOf(made: Rewritten, over: Partial<ReviewWish> = {}): ReviewWish {
  const folder = toPath(made.plan.folder);
  return {
    folder,
    csv: made.file('review.csv'),
    acceptAllOf: null,
    by: 'Ada',
    at: '2026-11-25T12:00:00.000Z',
    dryRun: false,
    ...over,
  };
}

async function reviewsOf(root: string): Promise<Review[]> {
  const text = await readFile(path.join(root, 'reviews.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Review.parse(JSON.parse(line)));
}

async function answersOf(root: string): Promise<Record<string, string>> {
  const { uri } = await buildDataset({ root, answer: labels });
  const texts = await Promise.all(
    ['train', 'dev', 'validation', 'test'].map((name) => readFile(path.join(toPath(uri), `${name}.jsonl`), 'utf8')),
  );
  const records = texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
  return Object.fromEntries(records.map(({ id, messages }) => [id, messages.at(-1).content[0].text]));
}

describe('a review', () => {
  it('writes who decided what and when, and the next build takes it while the source stays as it is', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    const source = await readFile(path.join(root, 'records.jsonl'), 'utf8');
    await decide(made, { r1: ['accept'], r2: ['REFUSE'], r3: ['edit', 'bird'] });
    expect(await applyReview(wishOf(made))).toMatchObject({
      written: 3,
      accepted: 1,
      edited: 1,
      refused: 1,
      open: 0,
      faults: [],
    });
    expect(await reviewsOf(root)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          record: 'r1',
          by: 'Ada',
          at: '2026-11-25T12:00:00.000Z',
          decision: 'accept',
          before: 'cat',
          after: 'dog',
        }),
        expect.objectContaining({ record: 'r2', decision: 'refuse' }),
        expect.objectContaining({ record: 'r3', decision: 'edit', after: 'bird' }),
      ]),
    );
    expect(await answersOf(root)).toEqual({ r1: 'dog', r2: 'cat', r3: 'bird' });
    expect(await readFile(path.join(root, 'records.jsonl'), 'utf8')).toBe(source);
    const ledger = await build({ ...wantedOf(root), into: freshFolder() });
    expect(ledger.ledger.find(({ id }) => id === 'r1')?.detail).toBe(
      'answerReviewed, answer reviewed (correct) by Ada',
    );
    expect(ledger.manifest.counts.repairs).toMatchObject({ answerReviewed: 2 });
  });

  it('given twice writes nothing twice; decided otherwise later, the later decision holds', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    await decide(made, { r1: ['accept'] });
    await applyReview(wishOf(made));
    expect(await applyReview(wishOf(made))).toMatchObject({ written: 0, already: 1, open: 2 });
    const changed = (await readFile(made.file('review.csv'), 'utf8')).replace('"accept"', '"refuse"');
    await writeFile(made.file('review.csv'), changed);
    expect(await applyReview(wishOf(made))).toMatchObject({ written: 1, refused: 1 });
    expect(await answersOf(root)).toMatchObject({ r1: 'cat' });
  });

  it('writes nothing at all where one line is at fault, and says each', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    await decide(made, { r1: ['accept'], r2: ['acept'], r3: ['edit', 'horse'] });
    const id = made.changes[0]?.id ?? '';
    await appendFile(made.file('review.csv'), `"x.png","accept","","","","","","","","","","","","nobody",""\r\n`);
    await appendFile(made.file('review.csv'), `"x.png","refuse","","","","","","","","","","","","${id}",""\r\n`);
    const { faults, written } = await applyReview(wishOf(made));
    expect(written).toBe(0);
    expect(faults.join('\n')).toMatch(/"acept" is no decision.*Did you mean "accept"/);
    expect(faults.join('\n')).toMatch(/"horse" is none of the 3 labels/);
    expect(faults.join('\n')).toMatch(/"nobody" is no proposal of this rewriting/);
    expect(faults.join('\n')).toMatch(/was decided otherwise further up/);
    await expect(readFile(path.join(root, 'reviews.jsonl'))).rejects.toThrow('ENOENT');
  });

  it('names proposals whose row has changed in the source since', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    await decide(made, { r1: ['accept'], r2: ['accept'] });
    await writeRows(root, [{ id: 'r1', answer: 'bird' }, ...rows.slice(1)]);
    const { faults, written } = await applyReview(wishOf(made));
    expect(faults).toEqual([expect.stringMatching(/record r1 has changed in its source since/)]);
    expect(written).toBe(0);
  });

  it('accepts all open proposals of a purpose, and leaves what was decided one by one', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    await decide(made, { r2: ['refuse'] });
    await applyReview(wishOf(made));
    const all = wishOf(made, { csv: null, acceptAllOf: 'correct' });
    expect(await applyReview({ ...all, dryRun: true })).toMatchObject({ written: 0, accepted: 2 });
    expect(await applyReview(all)).toMatchObject({ written: 2, accepted: 2 });
    expect(await answersOf(root)).toEqual({ r1: 'dog', r2: 'cat', r3: 'dog' });
  });

  it('is not asked again about what a person refused', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    await decide(made, { r1: ['refuse'] });
    await applyReview(wishOf(made));
    const again = await proposals(root);
    expect(again.changes.map(({ record }) => record).sort()).toEqual(['r1', 'r2', 'r3']); // found, the same folder
    const server = new StandIn(() => ok('dog'));
    const baseUrl = await server.start();
    const anew = await rewrite({ root, baseUrl, answer: labels, plan: { run: 'anew' } });
    await server.stop();
    expect(anew.changes.map(({ record }) => record).sort()).toEqual(['r2', 'r3']);
    expect(anew.ledger.find(({ record }) => record === 'r1')).toMatchObject({
      fate: 'refusedBefore',
      reason: 'refused by Ada',
    });
    expect(server.calls).toHaveLength(0);
  });
});

function wantedOf(root: string) {
  return { root, files: ['records.jsonl'], answer: labels, reviews: path.join(root, 'reviews.jsonl') };
}

describe('reviews over the rows', () => {
  it('hold when lines move, lapse when the answer changes, and the build says which lapsed', async () => {
    const root = freshFolder();
    const made = await proposals(root);
    await decide(made, { r1: ['accept'], r2: ['accept'] });
    await applyReview(wishOf(made));
    await writeRows(root, [...[...rows].reverse().slice(0, 2), { id: 'r1', answer: 'bird' }]);
    expect(await answersOf(root)).toEqual({ r1: 'bird', r2: 'dog', r3: 'cat' });
    const { manifest } = await build({ ...wantedOf(root), into: freshFolder() });
    expect(manifest.notes.join('\n')).toMatch(/those of record "r1" fit no row any more/);
  });

  it('follow each other, and a later one takes an earlier one back', () => {
    const at = (change: string, before: string, after: string, decision: Review['decision'] = 'accept') =>
      reviewOf({ change, before, after, decision });
    const chain = Reviews.of([at('1', 'a', 'b'), at('2', 'b', 'c')]);
    expect(chain.answerFor('q', 'a')?.answer).toBe('c');
    const back = Reviews.of([at('1', 'a', 'b'), at('2', 'b', 'a')]);
    expect(back.answerFor('q', 'a')?.answer).toBe('a');
    const refused = Reviews.of([at('1', 'a', 'b'), at('1', 'a', 'b', 'refuse')]);
    expect(refused.answerFor('q', 'a')).toBeNull();
    expect(chain.answerFor('other', 'a')).toBeNull();
  });

  it('names file and line where a line is no decision', async () => {
    const file = path.join(freshFolder(), 'reviews.jsonl');
    await writeFile(file, `${JSON.stringify(reviewOf({}))}\n{"half`);
    await expect(Reviews.read(file)).rejects.toMatchObject({
      problem: { type: 'DatasetInvalid', where: `${file}, line 2` },
    });
  });
});

function reviewOf(over: Partial<Review>): Review {
  const before = over.before ?? 'a';
  return {
    schema: 'anneal.review/1',
    at: '2026-11-25T12:00:00.000Z',
    by: 'Ada',
    decision: 'accept',
    change: '1',
    purpose: 'correct',
    record: 'r1',
    source: 'records.jsonl',
    question: 'q',
    was: answerDigest(before),
    before,
    after: 'b',
    afterDigest: '',
    model: null,
    ...over,
  };
}

describe('review.csv', () => {
  const line = (id: string, decision: string, edited = '') => [`images/${id}.png`, decision, edited, id];

  it('never lets a spreadsheet run a cell, and gives back every text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(defused(text)).not.toMatch(/^[=+\-@\t\r\n|%]/);
        expect(fused(defused(text))).toBe(text);
      }),
    );
    expect(defused('=HYPERLINK("http://x")')).toBe(`'=HYPERLINK("http://x")`);
  });

  it.each([
    ['semicolons and no quotes', (cells: string[][]) => cells.map((row) => row.join(';')).join('\r\n'), 'utf8'],
    ['tabs in UTF-16', (cells: string[][]) => `\ufeff${cells.map((row) => row.join('\t')).join('\r\n')}`, 'utf16le'],
    [
      'sep=; before the header',
      (cells: string[][]) => `sep=;\n${cells.map((row) => row.join(';')).join('\n')}`,
      'utf8',
    ],
    ['Windows-1252', (cells: string[][]) => cells.map((row) => row.join(',')).join('\r\n'), 'latin1'],
  ] as const)('is read after a spreadsheet saved it with %s', (_, write, encoding) => {
    const cells = [
      ['image', 'decision', 'edited', 'id'],
      line('a', 'accept'),
      line('b', 'Edit', 'größer'),
      line('c', ''),
    ];
    const { cells: read, faults } = readDecisions(Buffer.from(write(cells), encoding), 'review.csv');
    expect(faults).toEqual([]);
    expect(read.map(({ id, decision, edited }) => [id, decision, edited])).toEqual([
      ['a', 'accept', ''],
      ['b', 'Edit', 'größer'],
    ]);
  });

  it('says which line has too few cells, and reads the others', () => {
    const text = `${csvHeader}a,accept\r\n`;
    expect(readDecisions(Buffer.from(text), 'review.csv').faults).toEqual(['line 2: 2 values where the header has 15']);
  });
});
