import { describe, expect, it } from '@jest/globals';
import { chooseExamples } from '../../../activities/report/examples.js';
import { answerRow } from './runFiles.js';

function rows(...scores: [id: string, score: number, expected?: string][]) {
  return scores.map(([id, score, expected = '7']) => answerRow(id, { score, expected }));
}

describe('chooseExamples', () => {
  it('shows the worst first', () => {
    const chosen = chooseExamples(rows(['right', 1], ['half', 0.5], ['wrong', 0]), 3);
    expect(chosen.map(({ id }) => id)).toEqual(['wrong', 'half', 'right']);
  });

  it('shows one failure of each expected answer before a second of any', () => {
    const chosen = chooseExamples(rows(['a', 0, '1'], ['b', 0, '1'], ['c', 0, '2'], ['d', 1, '3']), 3);
    expect(chosen.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
  });

  it('shows no item that was excluded: nobody answered it', () => {
    expect(chooseExamples([answerRow('lost', { outcome: 'excluded', given: null, score: 0 })], 12)).toEqual([]);
  });
});
