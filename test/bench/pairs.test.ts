import { expect, it } from '@jest/globals';
import { compare, shareLeft } from '../../bench/lib/pairs.js';
import type { AnswerRow } from '../../config/evaluation.js';

function rowsOf(scores: readonly number[], changes: Partial<AnswerRow> = {}): AnswerRow[] {
  return scores.map((score, index) => ({
    id: `item-${index}`,
    group: `picture-${index}`,
    slice: null,
    question: 'Which?',
    image: null,
    expected: 'a',
    given: 'a',
    outcome: 'answered',
    reason: null,
    valid: true,
    score,
    repaired: score,
    promptTokens: 1,
    completionTokens: 1,
    milliseconds: 1,
    ...changes,
  }));
}

it('compares only the items that both answered, and says which share is left', () => {
  const before = rowsOf([1, 1, 1, 1, 0, 1, 1, 1, 1, 1]);
  const after = [...rowsOf([1, 0, 1, 1, 0, 1, 0, 1]), ...rowsOf([0], { id: 'item-8', outcome: 'excluded' })];
  const compared = compare(before, after);
  expect(compared).toMatchObject({ n: 8, before: 7 / 8, after: 5 / 8, mean: -0.25 });
  expect(compared.lower).toBeLessThan(-0.25);
  expect(compared.upper).toBeGreaterThan(-0.25);
  expect(shareLeft(compared).mean).toBeCloseTo(5 / 7);
});

it('leaves all of an ability of nothing', () => {
  expect(shareLeft(compare(rowsOf([0, 0]), rowsOf([0, 0]))).mean).toBe(1);
});
