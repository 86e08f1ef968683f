/** Formats, copies and the fine set as a build makes them, with real pictures. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { Augment } from '../../../config/augment.js';
import { TaskRecord } from '../../../config/records.js';
import { VariantWish } from '../../../config/variants.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { build, freshFolder, type Made, removeFreshFolders, type Wanted } from './build.js';

afterAll(removeFreshFolders);

const labels = ['bolt', 'nut', 'screw', 'washer', 'rivet'];
const shape = { width: 16, height: 16, channels: 3 as const };

async function partsFolder(count: number): Promise<string> {
  const root = freshFolder();
  const random = uniformFrom(7);
  const rows = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const pixels = Buffer.from(Array.from({ length: 16 * 16 * 3 }, () => Math.floor(256 * random())));
      await sharp(pixels, { raw: shape })
        .png()
        .toFile(path.join(root, `${index}.png`));
      return { id: `p${index}`, image: `${index}.png`, question: 'Which part is it?', answer: labels[index % 5] };
    }),
  );
  writeRows(root, rows);
  return root;
}

function writeRows(root: string, rows: object[]): void {
  writeFileSync(path.join(root, 'r.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

const wishes = [
  { format: 'multipleChoice', options: 4, evaluate: true },
  { format: 'yesNo', share: 0.5 },
  { format: 'number' },
].map((wish) => VariantWish.parse(wish));
const making = { language: 'en' as const, formats: wishes, augment: Augment.parse({ shift: 0.1, brightness: 0.2 }) };
const answer = { kind: 'label' as const, labels };

const linesOf = ({ folder }: Made, name: string): TaskRecord[] =>
  readFileSync(path.join(folder, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => TaskRecord.parse(JSON.parse(line)));
const madeOf = (records: TaskRecord[]) => records.filter(({ from }) => from !== undefined);
const picturesOf = ({ folder }: Made) =>
  readdirSync(path.join(folder, 'images'), { recursive: true }).filter((file) => String(file).endsWith('.png'));

describe('a build with formats and augmentation', () => {
  let root: string;
  let plain: Made;
  let made: Made;
  const wanted = (): Wanted => ({ root, files: ['r.jsonl'], answer });
  beforeAll(async () => {
    root = await partsFolder(150);
    plain = await build(wanted());
    made = await build({ ...wanted(), making });
  });

  it('keeps every record as it was, in its split', () => {
    expect(made.ledger).toEqual(plain.ledger);
    expect(made.records.filter(({ from }) => from === undefined)).toEqual(plain.records);
    for (const split of ['dev', 'validation', 'test']) expect(linesOf(made, split)).toEqual(linesOf(plain, split));
    expect(made.manifest.counts.bySplit).toEqual(plain.manifest.counts.bySplit);
  });

  it('makes records of training records only, which name their parent and share its group', () => {
    const train = linesOf(made, 'train');
    const parents = new Map(linesOf(plain, 'train').map((record) => [record.id, record]));
    expect(madeOf(train).length).toBeGreaterThan(parents.size);
    for (const { from, group } of madeOf(train)) expect(group).toBe(parents.get(from?.record ?? '')?.group);
    expect(new Set(train.map(({ id }) => id)).size).toBe(train.length);
  });

  it('counts them apart, and what was not made with its reason: the counts add up', () => {
    const { made: counts, notMade, used } = made.manifest.counts;
    const train = made.manifest.counts.bySplit.train ?? 0;
    const of = (by: string) => madeOf(linesOf(made, 'train')).filter(({ from }) => from?.by === by).length;
    for (const by of ['multipleChoice', 'yesNo', 'augment:shift', 'augment:brightness'])
      expect([by, counts[by] ?? 0]).toEqual([by, of(by)]);
    expect((counts['augment:shift'] ?? 0) + (counts['augment:brightness'] ?? 0)).toBe(train);
    const choicesNotMade = Object.entries(notMade).filter(([what]) => what.startsWith('multipleChoice'));
    expect((counts['multipleChoice'] ?? 0) + choicesNotMade.reduce((sum, [, count]) => sum + count, 0)).toBe(
      train + (made.manifest.counts.bySplit.test ?? 0) - (counts['formatsTest'] ?? 0),
    );
    expect(notMade).toMatchObject({ 'number: noNumber': train });
    expect(used).toBe(plain.manifest.counts.used);
    expect(made.ref.notes.join('\n')).toContain('Made of the records besides (R7): ');
  });

  it('writes the formats of test records into a set of their own', () => {
    const test = new Set(linesOf(made, 'test').map(({ id }) => id));
    const asked = linesOf(made, 'formats-test');
    expect(asked.length).toBeGreaterThan(5);
    for (const { from, answerKind } of asked)
      expect([test.has(from?.record ?? ''), from?.by, answerKind?.kind]).toEqual([true, 'multipleChoice', 'choice']);
  });

  it('stores the pictures of copies, and no other', () => {
    const named = new Set([...made.records, ...made.waiting].flatMap(({ images }) => images));
    expect(picturesOf(made)).toHaveLength(named.size);
    expect(made.manifest.counts.images).toBe(named.size);
    expect(named.size).toBe(plain.manifest.counts.images + (made.manifest.counts.bySplit.train ?? 0));
  });

  it('makes the same dataset again, and another one of another seed or wish', async () => {
    const again = await build({ ...wanted(), making });
    expect(again.ref.digest).toBe(made.ref.digest);
    const fewer = await build({ ...wanted(), making: { ...making, formats: wishes.slice(1) } });
    expect(new Set([plain, made, fewer].map(({ ref }) => ref.digest)).size).toBe(3);
  });

  it('finds free ids where a record is called as a variant would be', async () => {
    const rows = linesOf(plain, 'train').slice(0, 2);
    const [first] = rows;
    const taken = `${first?.id}/multipleChoice`;
    const lines = readFileSync(path.join(root, 'r.jsonl'), 'utf8').split('\n').filter(Boolean);
    const more = freshFolder();
    writeRows(root, [
      ...lines.map((line) => JSON.parse(line)),
      { id: taken, image: '1.png', question: 'What is it called?', answer: 'nut' },
    ]);
    const built = await build({ ...wanted(), making, into: more });
    writeRows(
      root,
      lines.map((line) => JSON.parse(line)),
    );
    const ids = linesOf(built, 'train').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(`${taken}~2`);
  });
});

describe('the quality of records', () => {
  it('is lower where answers contradict each other, and the fine stage leaves those out', async () => {
    const root = await partsFolder(160);
    const file = path.join(root, 'r.jsonl');
    const contradicting = Array.from({ length: 20 }, (_, index) => ({
      id: `c${index}`,
      image: `${index}.png`,
      question: 'Which part is it?',
      answer: labels[(index + 1) % 5],
    }));
    writeFileSync(file, readFileSync(file, 'utf8') + contradicting.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const made = await build({ root, files: ['r.jsonl'], answer });
    const disputed = made.records.filter(({ quality }) => quality === 0.5).map(({ id }) => id);
    const expected = contradicting.flatMap(({ id }, index) => [id, `p${index}`]);
    expect(disputed.sort()).toEqual(expected.sort());
    const fine = linesOf(made, 'train-fine');
    expect(made.ref.fine).toBe(fine.length);
    const sound = linesOf(made, 'train').filter(({ quality }) => quality === undefined);
    expect(fine.filter(({ quality }) => quality === undefined)).toEqual(sound);
    expect(fine.length - sound.length).toBeLessThan(20);
    expect(made.ref.notes.join('\n')).toContain('Fine stage (R15): The fine stage uses');
  });
});
