import fc from 'fast-check';
import { type AnsweredItem, buildPairs, isTie } from '../../../../workflows/policies/preferences/buildPairs.js';
import { balanceLengths, lengthRatio } from '../../../../workflows/policies/preferences/lengths.js';

const answered = (id: string, ...answers: [string, number][]): AnsweredItem => ({
  id,
  group: `group of ${id}`,
  answers: answers.map(([text, score]) => ({ text, score })),
});
const rulesFor = (items: readonly AnsweredItem[]) => ({
  trainingGroups: new Set(items.map(({ group }) => group)),
  atMost: 2,
  lengthTolerance: 0.1,
});
const build = (...items: AnsweredItem[]) => buildPairs(items, rulesFor(items));

describe('buildPairs (R3, methods M10)', () => {
  it('sets a right answer of the model itself above its likeliest wrong ones, two an item at most', () => {
    const { pairs } = build(answered('a', ['7', 1], ['1', 0], ['2', 0], ['2', 0], ['3', 0]));
    expect(pairs).toEqual([
      { id: 'a', group: 'group of a', chosen: '7', rejected: '2' },
      { id: 'a', group: 'group of a', chosen: '7', rejected: '1' },
    ]);
  });

  it('skips what is all right and what is all wrong, and counts both', () => {
    const { pairs, counts } = build(answered('a', ['7', 1], ['7', 1]), answered('b', ['1', 0], ['2', 0.5]));
    expect(pairs).toEqual([]);
    expect(counts).toMatchObject({ items: 2, allRight: 1, allWrong: 1 });
  });

  it('leaves out items of groups that are not trained on', () => {
    const items = [answered('a', ['7', 1], ['1', 0]), answered('test item', ['8', 1], ['1', 0])];
    const { pairs, counts } = buildPairs(items, { ...rulesFor(items), trainingGroups: new Set(['group of a']) });
    expect(pairs.map(({ id }) => id)).toEqual(['a']);
    expect(counts.otherSplit).toBe(1);
  });

  it('drops ties: the same words in another spacing', () => {
    const { pairs, counts } = build(answered('a', ['7', 1], ['7 ', 0]));
    expect(pairs).toEqual([]);
    expect(counts.ties).toBe(1);
    expect([isTie(' a', 'a\n'), isTie('a', 'b')]).toEqual([true, false]);
  });

  it('of several right answers takes the one nearest in length', () => {
    const { pairs } = build(answered('a', ['a red square', 1], ['square', 1], ['square', 1], ['a blue square', 0]));
    expect(pairs[0]?.chosen).toBe('a red square');
  });

  it('never crosses splits, never pairs a text with itself, keeps lengths within the tolerance', () => {
    const item = fc.record({
      id: fc.uuid(),
      group: fc.constantFrom('g0', 'g1', 'g2', 'g3'),
      answers: fc.array(fc.record({ text: fc.string({ maxLength: 30 }), score: fc.constantFrom(0, 0.5, 1) }), {
        maxLength: 8,
      }),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), (items) => {
        const rules = { trainingGroups: new Set(['g0', 'g1']), atMost: 2, lengthTolerance: 0.1 };
        const { pairs, counts } = buildPairs(items, rules);
        for (const { id, group, chosen, rejected } of pairs) {
          expect(rules.trainingGroups.has(group)).toBe(true);
          expect(chosen.trim()).not.toBe(rejected.trim());
          const own = items.find((each) => each.id === id)?.answers ?? [];
          expect(own.some(({ text, score }) => text === chosen && score === 1)).toBe(true);
          expect(own.some(({ text, score }) => text === rejected && score < 1)).toBe(true);
        }
        for (const id of new Set(pairs.map((pair) => pair.id)))
          expect(pairs.filter((pair) => pair.id === id).length).toBeLessThanOrEqual(2);
        if (pairs.length > 0) expect(lengthRatio(pairs)).toBeLessThanOrEqual(1.1 + 1e-9);
        expect(counts.items).toBe(items.length);
      }),
    );
  });
});

describe('balanceLengths', () => {
  const pair = (chosen: number, rejected: number) => ({ chosen: 'c'.repeat(chosen), rejected: 'r'.repeat(rejected) });

  it('leaves balanced pairs alone', () => {
    const pairs = [pair(10, 11), pair(11, 10)];
    expect(balanceLengths(pairs, 0.1)).toEqual(pairs);
    expect(balanceLengths([], 0.1)).toEqual([]);
  });

  it('drops the pairs first whose chosen answer is longest, and keeps the order', () => {
    const pairs = [pair(10, 10), pair(40, 10), pair(12, 12)];
    expect(balanceLengths(pairs, 0.1)).toEqual([pairs[0], pairs[2]]);
  });

  it('keeps pairs that teach to be short, for that is often what is wanted', () => {
    const shorter = [pair(10, 10), pair(10, 40), pair(12, 30)];
    expect(balanceLengths(shorter, 0.1)).toEqual(shorter);
  });

  it('keeps nothing where every chosen answer is longer', () => {
    expect(balanceLengths([pair(30, 10), pair(20, 10)], 0.1)).toEqual([]);
  });
});
