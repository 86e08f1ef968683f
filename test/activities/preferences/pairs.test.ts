import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createEvaluationActivities } from '../../../activities/evaluation/index.js';
import { createPreferenceActivities } from '../../../activities/preferences/index.js';
import { toPath, toUri } from '../../../activities/storage/files.js';
import type { AnswerRow } from '../../../config/evaluation.js';
import { PreferenceRecord, type TaskRecord } from '../../../config/records.js';
import { rowOf } from '../../workflows/policies/builders.js';

const { buildPreferencePairs } = createPreferenceActivities({ log: { info() {} } });
const { compareAnswers } = createEvaluationActivities({ log: { info() {} } });

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'anneal-pairs-'));
  made.push(folder);
  return folder;
}

const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

const recordOf = (id: string, answer: string, more: Partial<TaskRecord> = {}): TaskRecord => ({
  id,
  group: `group of ${id}`,
  images: ['images/a.png'],
  messages: [
    {
      role: 'user',
      content: [
        { type: 'image', image: 0 },
        { type: 'text', text: 'Which digit?' },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: answer }] },
  ],
  ...more,
});

/** What each item is answered in each sample; `*` marks a right answer, `…` one that was cut. */
type Answers = Record<string, string[]>;

async function workplace(records: TaskRecord[], answers: Answers, own?: object[]) {
  const folder = await temporaryFolder();
  const dataset = path.join(folder, 'dataset');
  await mkdir(path.join(dataset, 'images'), { recursive: true });
  await writeFile(path.join(dataset, 'images', 'a.png'), '');
  await writeFile(path.join(dataset, 'train.jsonl'), lines(records));
  const samples = Math.max(0, ...Object.values(answers).map(({ length }) => length));
  const answersUris: string[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const rows = Object.entries(answers).map(([id, given]) => rowFor(id, given[sample] ?? ''));
    const file = path.join(folder, `answers-${sample}.jsonl`);
    await writeFile(file, lines(rows));
    answersUris.push(toUri(file));
  }
  if (own) await writeFile(path.join(folder, 'own.jsonl'), lines(own));
  return {
    answersUris,
    setUri: toUri(path.join(dataset, 'train.jsonl')),
    own: own ? path.join(folder, 'own.jsonl') : null,
    model: 'file:///checkpoint',
    rules: { atMost: 2, lengthTolerance: 0.1, heldOut: 0.1, seed: 1 },
    into: toUri(path.join(folder, 'run', 'pairs')),
  };
}

function rowFor(id: string, text: string): AnswerRow {
  const right = text.endsWith('*');
  const given = text.replace(/[*…]$/, '');
  const outcome = text.endsWith('…') ? 'cut' : 'answered';
  const score = right ? 1 : 0;
  return rowOf({ id, group: `group of ${id}`, expected: '7', given, outcome, score, valid: right, repaired: score });
}

async function recordsIn(uri: string): Promise<PreferenceRecord[]> {
  const text = await readFile(toPath(uri), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => PreferenceRecord.parse(JSON.parse(line)));
}

describe('buildPreferencePairs (R3)', () => {
  it('writes records with a right answer of the model and a wrong one, pictures where they are', async () => {
    const input = await workplace([recordOf('a', '7'), recordOf('b', '7')], {
      a: ['7*', '1', '1'],
      b: ['7*', '7*', '2'],
    });
    const built = await buildPreferencePairs(input);
    const all = [...(await recordsIn(built.pairsUri)), ...(await recordsIn(built.heldOutUri))];
    expect([built.pairs, built.heldOut]).toEqual([1, 1]);
    expect(all.map(({ rejected, group }) => [group, rejected]).sort()).toEqual([
      ['group of a', '1'],
      ['group of b', '2'],
    ]);
    const picture = path.resolve(path.dirname(toPath(built.pairsUri)), all[0]?.images[0] ?? '');
    expect(await readFile(picture, 'utf8')).toBe('');
    expect(path.isAbsolute(all[0]?.images[0] ?? '/')).toBe(false);
    expect(built.headroom).toMatchObject({ one: 0.5, many: 1, groups: 2 });
    expect(built.errors).toMatchObject({ content: 3, wording: 0 });
  });

  it('shows a chosen answer under the picture of what the model took it for, on one side of the split', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `${index}`);
    const answer = (id: string) => (Number(id) % 3 === 0 ? '7' : Number(id) % 3 === 1 ? '1' : '4');
    const records = ids.map((id) => recordOf(id, answer(id), { images: [`images/${id}.png`] }));
    const input = await workplace(
      records,
      Object.fromEntries(ids.map((id) => [id, [`${answer(id)}*`, answer(id) === '7' ? '1' : '7']])),
    );
    const built = await buildPreferencePairs({
      ...input,
      pictures: { share: 0.25, answer: { kind: 'label', labels: ['1', '4', '7'] } },
      rules: { ...input.rules, heldOut: 0.5 },
    });
    expect(built).toMatchObject({ pairs: 6, heldOut: 6, imagePairs: { pairs: 2, heldOut: 2 } });
    const named = (image: string | undefined) => path.basename(image ?? '', '.png');
    const sides = await Promise.all([recordsIn(built.pairsUri), recordsIn(built.heldOutUri)]);
    for (const side of sides) {
      const own = new Set(side.map(({ images }) => named(images[0])));
      const pictured = side.filter((each) => each.rejectedImages);
      expect(pictured).toHaveLength(2);
      for (const { messages, images, rejected, rejectedImages } of pictured) {
        const chosen = answer(named(images[0]));
        expect([messages.at(-1)?.content, rejected]).toEqual([[{ type: 'text', text: chosen }], chosen]);
        expect(answer(named(rejectedImages?.[0]))).toBe(chosen === '7' ? '1' : '7');
        expect(own).toContain(named(rejectedImages?.[0]));
      }
    }
  });

  it('makes pairs of fresh records beside those of train, and counts them', async () => {
    const input = await workplace([recordOf('a', '7')], { a: ['7*', '1'], b: ['7*', '2'], c: ['7*', '3'] });
    const freshUri = input.setUri.replace('train.jsonl', 'dev.jsonl');
    await writeFile(toPath(freshUri), lines([recordOf('b', '7'), recordOf('c', '7')]));
    const without = await buildPreferencePairs(input);
    expect(without).toMatchObject({ pairs: 1, heldOut: 0, fresh: 0, counts: { otherSplit: 2 } });
    const built = await buildPreferencePairs({ ...input, freshUri });
    expect(built).toMatchObject({ pairs: 2, heldOut: 1, fresh: 2, counts: { otherSplit: 0 } });
    const all = [...(await recordsIn(built.pairsUri)), ...(await recordsIn(built.heldOutUri))];
    expect(all.map(({ rejected }) => rejected).sort()).toEqual(['1', '2', '3']);
    expect(built.headroom).toMatchObject({ one: 0.5, many: 1, groups: 3 });
  });

  it('says in pairs.json where they are from', async () => {
    const input = await workplace([recordOf('a', '7'), recordOf('b', '7')], { a: ['7*', '1'], b: ['7*', '2'] });
    const { pairsUri } = await buildPreferencePairs(input);
    const told = JSON.parse(await readFile(path.join(path.dirname(toPath(pairsUri)), 'pairs.json'), 'utf8'));
    expect(told).toMatchObject({ model: 'file:///checkpoint', answersUris: input.answersUris, pairs: 1, heldOut: 1 });
  });

  it('gives the same files again for the same input', async () => {
    const input = await workplace([recordOf('a', '7'), recordOf('b', '7')], { a: ['7*', '1'], b: ['7*', '2'] });
    const first = await buildPreferencePairs(input);
    const before = await readFile(toPath(first.pairsUri), 'utf8');
    expect(await buildPreferencePairs(input)).toEqual(first);
    expect(await readFile(toPath(first.pairsUri), 'utf8')).toBe(before);
  });

  it('learns nothing from an answer that was cut', async () => {
    const { pairs, heldOut, counts } = await buildPreferencePairs(
      await workplace([recordOf('a', '7')], { a: ['7*', 'The digit in this pict…'] }),
    );
    expect([pairs, heldOut, counts.allRight]).toEqual([0, 0, 1]);
  });

  it('takes a person’s pairs, of training records alone, and those that records came with', async () => {
    const records = [recordOf('a', '7'), recordOf('b', '7', { rejected: '9' }), recordOf('c', '7')];
    const own = [
      { id: 'a', rejected: '1' },
      { id: 'c', chosen: 'x', rejected: 'x ' },
      { id: 'of the test split', rejected: '1' },
    ];
    const built = await buildPreferencePairs(await workplace(records, {}, own));
    const all = [...(await recordsIn(built.pairsUri)), ...(await recordsIn(built.heldOutUri))];
    expect(all.map(({ group, rejected }) => [group, rejected]).sort()).toEqual([
      ['group of a', '1'],
      ['group of b', '9'],
    ]);
    expect(built).toMatchObject({ persons: 2, counts: { otherSplit: 1, ties: 1 } });
  });

  it('names the line of a person’s file that is no pair', async () => {
    const input = await workplace([recordOf('a', '7')], {}, [
      { id: 'a', rejected: '1' },
      { id: 'a', worse: '1' },
    ]);
    await expect(buildPreferencePairs(input)).rejects.toMatchObject({
      problem: { type: 'DatasetInvalid', where: expect.stringContaining('own.jsonl, line 2') },
    });
  });

  it('holds out whole groups', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `i${index}`);
    const input = await workplace(
      ids.map((id) => recordOf(id, '7', { group: `g${Number(id.slice(1)) % 10}` })),
      {},
      ids.map((id) => ({ id, rejected: '1' })),
    );
    const built = await buildPreferencePairs(input);
    const groups = async (uri: string) => new Set((await recordsIn(uri)).map(({ group }) => group));
    const [trained, held] = [await groups(built.pairsUri), await groups(built.heldOutUri)];
    expect([trained.size, held.size]).toEqual([9, 1]);
    expect([...held].filter((group) => trained.has(group))).toEqual([]);
  });
});

describe('compareAnswers', () => {
  it('compares what both were answered, item by item', async () => {
    const folder = await temporaryFolder();
    const write = async (name: string, rows: AnswerRow[]) => {
      await writeFile(path.join(folder, name), lines(rows));
      return toUri(path.join(folder, name));
    };
    const ids = Array.from({ length: 20 }, (_, index) => `i${index}`);
    const beforeUri = await write(
      'before.jsonl',
      ids.map((id, index) => rowFor(id, index < 10 ? '7*' : '1')),
    );
    const after = ids.map((id, index) => rowFor(id, index < 15 ? '7*' : 'none'));
    const lost = { ...rowFor('i19', 'x'), outcome: 'excluded' as const };
    const compared = await compareAnswers({
      beforeUri,
      afterUri: await write('after.jsonl', [...after.slice(0, 19), lost]),
    });
    expect(compared.difference.n).toBe(19);
    expect(compared.difference.mean).toBeCloseTo(5 / 19);
    expect(compared.groups).toBe(19);
    expect(compared.before.length).toBe(1);
    expect(compared.after.length).toBeCloseTo((15 + 4 * 4) / 19);
    expect(compared.after.validity.mean).toBeCloseTo(15 / 19);
  });
});
