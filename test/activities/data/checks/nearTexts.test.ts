import fc from 'fast-check';
import { NearTexts } from '../../../../activities/data/checks/nearTexts.js';
import { jaccard, shinglesOf } from '../../../../activities/data/checks/textShingles.js';

const words = 'river stone lamp green table quickly seven under paper glass house winter along small engine open'.split(
  ' ',
);
const sentence = (seed: number, length = 40): string =>
  Array.from({ length }, (_, at) => words[Math.imul(seed * 7919 + at * at + at * seed, 2654435761) >>> 28]).join(' ');

function clustersOf(texts: string[]): number[] {
  const near = new NearTexts();
  for (const text of texts) near.add(text);
  const { clusters } = near.find();
  return texts.map((_, handle) => clusters.of(handle));
}

describe('NearTexts', () => {
  it('finds a text with a word changed, other case, spaces and punctuation, among others', () => {
    const one = sentence(1, 60);
    const changed = one.replace(/^\S+/, 'otherwise').toUpperCase().replaceAll(' ', ',  ');
    const others = Array.from({ length: 30 }, (_, index) => sentence(index + 2, 60));
    expect(clustersOf([one, ...others, changed])).toEqual([...Array.from({ length: 31 }, (_, index) => index), 0]);
  });

  it('compares writing without spaces by its characters', () => {
    const one = '这张照片显示一辆红色的汽车停在一座带有蓝色大门的白色房子前面旁边还有两只狗在草地上玩耍';
    const other = `${one.slice(0, -1)}跑`;
    expect(
      clustersOf([one, other, '发票上的总金额是四百二十欧元付款期限为三十天请在到期之前转账到下面的账户']),
    ).toEqual([0, 0, 2]);
  });

  it('has the share exactly for texts of up to 64 5-grams', () => {
    const text = fc.array(fc.constantFrom(...words.slice(0, 4)), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const grams = (list: string[]) => new Set(list.slice(4).map((_, at) => list.slice(at, at + 5).join(' ')));
        const [a, b] = [grams(one), grams(other)];
        const both = [...a].filter((gram) => b.has(gram)).length;
        const union = a.size + b.size - both;
        fc.pre(union <= 64);
        expect(jaccard(shinglesOf(one.join(' ')), shinglesOf(other.join(' ')), 64)).toBeCloseTo(both / union, 12);
      }),
    );
  });

  it('finds the pairs that a comparison of all pairs finds, in any order', () => {
    const texts = Array.from({ length: 40 }, (_, index) => {
      const base = sentence(index % 20, 64).split(' ');
      if (index >= 20) base[0] = 'changed';
      return base.join(' ');
    });
    const expected = texts.map((_, index) => index % 20);
    expect(clustersOf(texts)).toEqual(expected);
    fc.assert(
      fc.property(fc.shuffledSubarray([...texts.keys()], { minLength: 40 }), (order) => {
        const clusters = clustersOf(order.map((index) => texts[index] as string));
        for (const [at, index] of order.entries())
          expect(clusters[at]).toBe(Math.min(order.indexOf(index % 20), order.indexOf((index % 20) + 20)));
      }),
      { numRuns: 8 },
    );
  });

  it('compares no short texts, and no texts that are one template filled in, and says so', () => {
    const short = new NearTexts();
    for (let index = 0; index < 3; index += 1) short.add('a red car on the left');
    expect(short.find()).toMatchObject({ texts: 3, short: 3, copies: [] });
    const template = new NearTexts();
    for (let index = 0; index < 30; index += 1)
      template.add(`${sentence(1, 30)} answer with the number that is written in the field ${index} ${index * 7}`);
    expect(template.find()).toMatchObject({ reason: expect.stringContaining('template'), copies: [] });
  });

  it('takes a long text, an empty one and half a character', () => {
    expect(clustersOf(['', sentence(3, 5000), sentence(3, 5000), '\ud800', 'x'.repeat(100_000)])).toEqual([
      0, 1, 1, 3, 4,
    ]);
  });
});
