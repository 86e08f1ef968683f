import { describe, expect, it } from '@jest/globals';
import type { AnswerKind } from '../../../../config/evaluation.js';
import { type Given, type KnownRecord, recordFigures } from '../../../../workflows/policies/sanity/recordFigures.js';
import { shiftCause } from '../../../../workflows/policies/sanity/records.js';
import { startVerdict } from '../../../../workflows/policies/sanity/start.js';

const text: AnswerKind = { kind: 'text', ignoreCase: true };
const colours = ['red', 'green', 'blue', 'white', 'yellow'];

function recordsOf(count: number, change: (index: number) => Partial<KnownRecord> = () => ({})): KnownRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `r${index}`,
    group: `g${index}`,
    pictures: `${index}.png`,
    question: 'Which colour?',
    expected: colours[(index * 7 + (index >> 2)) % 5] ?? '',
    kind: text,
    trained: true,
    place: index,
    ...change(index),
  }));
}

/** Served answers: right, or what `said` gives. */
function servedOf(
  records: KnownRecord[],
  said: (record: KnownRecord, index: number) => string = ({ expected }) => expected,
) {
  return new Map<string, Given>(
    records.map((record, index) => {
      const given = said(record, index);
      return [record.id, { given, score: given === record.expected ? 1 : 0 }];
    }),
  );
}

describe('recordFigures', () => {
  it('finds nothing in sound records', () => {
    const records = recordsOf(100);
    const figures = recordFigures(records, servedOf(records));
    expect(figures).toMatchObject({
      rows: 100,
      asked: 100,
      wrong: 0,
      conflicts: { wrong: 0, right: 0 },
      truncated: { rows: 0 },
    });
    expect(figures.run.chance).toBe(1);
    expect(figures.text.right / figures.text.judged).toBeLessThan(0.5);
  });

  it('finds records of one picture with two answers, whatever the case and spaces of their question', () => {
    const records = recordsOf(40, (index) =>
      index < 10
        ? {
            pictures: `${index >> 1}.png`,
            question: index % 2 ? 'which  colour?' : 'Which colour?',
            expected: `${index}`,
          }
        : {},
    );
    const served = servedOf(records, ({ expected }, index) => (index < 10 && index % 2 ? 'none' : expected));
    expect(recordFigures(records, served).conflicts).toEqual({
      wrong: 5,
      right: 5,
      ids: ['r1', 'r3', 'r5', 'r7', 'r9'],
    });
    expect(recordFigures(records, new Map()).conflicts.ids).toHaveLength(10);
  });

  it('finds answers that end within a word that others write whole, and broken JSON', () => {
    const cut = recordsOf(60, (index) => (index < 6 ? { expected: ['yell', 'whi', 'gre'][index % 3] ?? '' } : {}));
    expect(recordFigures(cut, new Map()).truncated.rows).toBe(6);
    const often = recordsOf(60, (index) =>
      index % 3 === 0 ? { expected: ['yell', 'whi', 'gre'][(index / 3) % 3] ?? '' } : {},
    );
    expect(recordFigures(often, new Map()).truncated.rows).toBe(20);
    const json: AnswerKind = { kind: 'json', fields: { total: 'number' } };
    const broken = recordsOf(20, (index) => ({ kind: json, expected: index < 4 ? '{"total": 1' : '{"total": 12}' }));
    expect(recordFigures(broken, new Map()).truncated.rows).toBe(4);
  });

  it.each([1, -1])('finds a join that is off by %i, and not one that is merely wrong', (offset) => {
    const records = recordsOf(120);
    const shifted = servedOf(records, (record, index) =>
      index < 60 ? (records[index + offset]?.expected ?? '') : record.expected,
    );
    const { neighbour, run } = recordFigures(records, shifted);
    expect(neighbour.side).toBe(offset === 1 ? 'after' : 'before');
    expect(neighbour.fits - neighbour.expected).toBeGreaterThan(4 * neighbour.deviation);
    expect(run.longest).toBeGreaterThan(3);
    const mistaken = servedOf(records, (_, index) => colours[(index * 3) % 5] ?? '');
    const other = recordFigures(records, mistaken).neighbour;
    expect(other.fits - other.expected).toBeLessThan(4 * other.deviation);
  });

  it('finds a join that is off by one in what was not trained on, where all that was is learnt by heart', () => {
    const colourAt = (index: number) => colours[(7 * index * index + index) % 5] ?? '';
    const records = recordsOf(200, (index) => ({ trained: index % 4 !== 0, expected: colourAt(index) }));
    const served = servedOf(records, (record, index) =>
      record.trained ? record.expected : (records[index + 1]?.expected ?? ''),
    );
    const figures = recordFigures(records, served);
    expect(figures).toMatchObject({ asked: 150, wrong: 0 });
    expect(shiftCause(figures)).toMatchObject({ verdict: 'data:wrongImage', evidence: { side: 'after' } });
    const mistaken = servedOf(records, (record, index) =>
      record.trained ? record.expected : (colours[(index * 3) % 5] ?? ''),
    );
    expect(shiftCause(recordFigures(records, mistaken))).toBeNull();
  });

  it('takes records for neighbours only where no other row lies between them', () => {
    const records = recordsOf(60, (index) => ({ place: 2 * index }));
    const served = servedOf(records, (_, index) => records[index + 1]?.expected ?? '');
    expect(recordFigures(records, served).neighbour.tested).toBe(0);
    const made = recordsOf(60, () => ({ place: null }));
    expect(
      recordFigures(
        made,
        servedOf(made, () => 'none'),
      ).run.longest,
    ).toBe(0);
  });

  it('finds a block of wrong records', () => {
    const records = recordsOf(200);
    const served = servedOf(records, ({ expected }, index) => (index >= 50 && index < 70 ? 'none' : expected));
    const { run } = recordFigures(records, served);
    expect(run).toMatchObject({ longest: 20, ids: expect.arrayContaining(['r50', 'r69']) });
    expect(run.chance).toBeLessThan(1e-10);
  });

  it('counts answers that the question tells, and does not learn them from its own group', () => {
    const told = recordsOf(60, (index) => ({
      question: `Item ${index % 6}?`,
      expected: colours[(index % 6) % 5] ?? '',
    }));
    expect(recordFigures(told, new Map()).text).toMatchObject({ judged: 60, right: 60 });
    const copies = recordsOf(60, (index) => ({ question: `Item ${index >> 1}?`, group: `g${index >> 1}` }));
    expect(recordFigures(copies, new Map()).text.judged).toBe(0);
  });

  it('takes several prompts, each with an answer that is common by itself, for no leak', () => {
    const prompts = [
      { question: 'A scratch?', common: 'no', rare: 'yes' },
      { question: 'Is the label straight?', common: 'yes', rare: 'no' },
      { question: 'Which currency?', common: 'euro', rare: 'dollar' },
    ] as const;
    const several = recordsOf(600, (index) => {
      const { question, common, rare } = prompts[index % 3] ?? prompts[0];
      return { question, expected: index % 25 === 0 ? rare : common };
    });
    const { text } = recordFigures(several, new Map());
    expect(text.right / text.judged).toBeGreaterThan(0.95);
    expect(text.majority).toBeCloseTo(text.right / text.judged);
    expect(startVerdict(null, recordFigures(several, new Map())).verdict).toBe('healthy');
  });

  it('still sees that each question tells its answer where some labels are wrong', () => {
    const told = recordsOf(600, (index) => ({
      question: `Item ${index % 5}?`,
      expected: index % 151 === 0 ? 'black' : (colours[index % 5] ?? ''),
    }));
    const figures = recordFigures(told, new Map());
    expect(figures.text.majority).toBeLessThan(0.3);
    expect(startVerdict(null, figures).verdict).toBe('data:imageNotNeeded');
  });

  it('counts the commonest answer among the judged questions alone', () => {
    const mixed = recordsOf(100, (index) =>
      index < 40
        ? { question: `Item ${index % 4}?`, expected: colours[index % 4] ?? '' }
        : { question: `Only here: ${index}?`, expected: 'red' },
    );
    expect(recordFigures(mixed, new Map()).text).toEqual({ judged: 40, right: 40, majority: 0.25 });
  });
});
