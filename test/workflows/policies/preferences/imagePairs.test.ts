import type { Preference } from '../../../../workflows/policies/preferences/buildPairs.js';
import { imagePairs } from '../../../../workflows/policies/preferences/imagePairs.js';

const item = (id: string, answer: string, more: { question?: string; pictures?: string[] } = {}) => ({
  id,
  answer,
  question: 'Which digit?',
  pictures: [`${id}.png`],
  ...more,
});
const pair = (id: string, chosen: string, rejected: string): Preference => ({ id, group: id, chosen, rejected });
const rules = {
  share: 0.5,
  isRight: ({ answer }: ReturnType<typeof item>, text: string) => answer === text,
  rank: (name: string) => name,
};

describe('imagePairs (methods M10)', () => {
  it('shows the answer under the picture of what the model took it for', () => {
    const items = [item('a', '7'), item('b', '4'), item('c', '1')];
    expect(imagePairs([pair('a', '7', '1')], items, rules)).toEqual([
      { id: 'a', group: 'a', chosen: '7', rejected: '7', instead: 'c' },
    ]);
  });

  it('takes any other answer where nothing shows that one', () => {
    const items = [item('a', '7'), item('b', '4'), item('c', '7')];
    expect(imagePairs([pair('a', '7', '1')], items, rules)).toMatchObject([{ instead: 'b' }]);
  });

  it.each([
    ['the same answer', item('b', '7')],
    ['another question', item('b', '4', { question: 'Which letter?' })],
    ['another number of pictures', item('b', '4', { pictures: ['b.png', 'c.png'] })],
    ['the same picture', item('b', '4', { pictures: ['a.png'] })],
  ])('has no counterpart in an item of %s', (_, other) => {
    expect(imagePairs([pair('a', '7', '4')], [item('a', '7'), other], rules)).toEqual([]);
  });

  it('makes none of an item without a picture', () => {
    const items = [item('a', '7', { pictures: [] }), item('b', '4', { pictures: [] })];
    expect(imagePairs([pair('a', '7', '4')], items, rules)).toEqual([]);
  });

  it('gives the wanted share of all pairs, one an item, whatever the order', () => {
    const items = Array.from({ length: 40 }, (_, index) => item(`${index}`, `${index % 10}`));
    const pairs = items.flatMap(({ id, answer }) => [pair(id, answer, 'x'), pair(id, answer, 'y')]);
    const found = imagePairs(pairs, items, { ...rules, share: 0.25 });
    expect(found).toHaveLength(27);
    expect(new Set(found.map(({ id }) => id)).size).toBe(27);
    const turned = imagePairs(pairs.toReversed(), items.toReversed(), { ...rules, share: 0.25 });
    expect(turned.map(({ id, instead }) => [id, instead])).toEqual(found.map(({ id, instead }) => [id, instead]));
    expect(imagePairs(pairs, items, { ...rules, share: 0 })).toEqual([]);
  });
});
