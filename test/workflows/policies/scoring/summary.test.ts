import { Evaluation } from '../../../../config/evaluation.js';
import { summariseAnswers } from '../../../../workflows/policies/scoring/summary.js';
import { caseRows, rowOf } from '../builders.js';

const about = { name: 'test', answersUri: 'file:///a.jsonl', decodingDigest: 'd', seconds: 3 };
const many = (count: number, fields: Parameters<typeof rowOf>[0]) =>
  Array.from({ length: count }, (_, i) => rowOf({ id: `${JSON.stringify(fields)}${i}`, ...fields }));

describe('summariseAnswers (methods M1)', () => {
  it('counts excluded items, never scores them, and scores cut and invalid ones 0', () => {
    const rows = [
      ...many(8, {}),
      ...many(1, { outcome: 'cut', valid: false, score: 0 }),
      ...many(1, { outcome: 'refused', valid: false, score: 0 }),
      ...many(2, { outcome: 'excluded', valid: false, score: 0, given: null }),
    ];
    const evaluation = summariseAnswers(rows, about);
    expect(Evaluation.parse(evaluation)).toEqual(evaluation);
    expect(evaluation).toMatchObject({ asked: 12, excluded: 2, cut: 1, refused: 1, contentWhenValid: 1 });
    expect(evaluation.score).toMatchObject({ mean: 0.8, n: 10 });
    expect(evaluation.validity.mean).toBe(0.8);
  });

  it('does not depend on the order of rows', () => {
    const rows = [...many(5, { slice: 'a', score: 0.5 }), ...many(7, { slice: 'b', expected: '8' })];
    expect(summariseAnswers(rows.toReversed(), about)).toEqual(summariseAnswers(rows, about));
  });

  it('keeps the 20 largest slices', () => {
    const rows = Array.from({ length: 30 }, (_, i) => many(i + 1, { slice: `s${i}` })).flat();
    const { bySlice } = summariseAnswers(rows, about);
    expect(Object.keys(bySlice)).toHaveLength(20);
    expect(bySlice['s29']?.n).toBe(30);
    expect(bySlice['s9']).toBeUndefined();
  });

  it('averages recall by class on case 24, where always "ok" is right 96 % of the time', () => {
    const labels = caseRows<{ id: string; answer: string }>('24-class-imbalance/train.jsonl.gz');
    const rows = labels.map(({ id, answer }) =>
      rowOf({ id, expected: answer, given: 'ok', score: answer === 'ok' ? 1 : 0 }),
    );
    const evaluation = summariseAnswers(rows, { ...about, labels: ['ok', 'scratch', 'dent', 'crack'] });
    expect(evaluation.score.mean).toBeCloseTo(0.96);
    expect(evaluation.majorityBaseline).toBeCloseTo(0.96);
    expect(evaluation.balanced).toBe(0.25);
  });

  it('gives no balanced recall for an even set, and an empty set no figure that is not a number', () => {
    expect(summariseAnswers([...many(5, {}), ...many(5, { expected: '8' })], about).balanced).toBeNull();
    expect(() => Evaluation.parse(summariseAnswers([], about))).not.toThrow();
  });
});
