import { scoreAnswer } from '../../../../workflows/policies/scoring/score.js';
import { withoutThoughts } from '../../../../workflows/policies/scoring/thoughts.js';

describe('thoughts before an answer', () => {
  it.each([
    ['<think>A cat? A dog.</think>dog', 'dog'],
    ['A cat? A dog.\n</think>\n\ndog', '\n\ndog'],
    ['<think>A cat? A do', ''],
    ['dog', 'dog'],
  ])('%j leave %j', (given, answer) => {
    expect(withoutThoughts(given)).toBe(answer);
  });

  it('are no part of a label or an object, and the repair is counted', () => {
    const label = { kind: 'label' as const, labels: ['cat', 'dog'] };
    const json = { kind: 'json' as const, fields: { animal: 'string' as const } };
    expect(scoreAnswer(label, 'dog', 'A cat? A dog.</think>dog')).toMatchObject({ score: 0, repaired: 1 });
    expect(scoreAnswer(json, '{"animal":"dog"}', 'Like {"animal":"cat"}?</think>{"animal":"dog"}')).toMatchObject({
      repaired: 1,
    });
  });
});
