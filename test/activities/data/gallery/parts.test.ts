import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnswerCounts } from '../../../../activities/data/gallery/answerCounts.js';
import { Conflicts } from '../../../../activities/data/gallery/conflicts.js';
import { binsOf } from '../../../../activities/data/gallery/histogram.js';
import { lookAlikes } from '../../../../activities/data/gallery/lookAlikes.js';
import { Odd } from '../../../../activities/data/gallery/odd.js';
import { quotasOf, rankOf, StratifiedSample } from '../../../../activities/data/gallery/sample.js';
import { asked } from '../storedDataset.js';

function sampleOf(names: readonly string[], stratum = (_: string) => 'all') {
  const sample = new StratifiedSample<string>({ total: 20, each: 3 });
  for (const name of names) sample.add(stratum(name), name, () => name);
  return sample.items();
}

const names = (count: number, prefix = 'r') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('a stratified sample', () => {
  it('is the same whatever order the rows come in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(names(200), { minLength: 200 }), (shuffled) => {
        expect(sampleOf(shuffled)).toEqual(sampleOf(names(200)));
      }),
      { numRuns: 20 },
    );
  });

  it('holds the lowest ranks', () => {
    const lowest = names(200).sort((one, other) => rankOf(one) - rankOf(other));
    expect(sampleOf(names(200))).toEqual(lowest.slice(0, 20));
  });

  it('is all there is where that is little', () => {
    expect(sampleOf(names(20)).sort()).toEqual(names(20).sort());
  });

  it('has some of the smallest stratum', () => {
    const rare = sampleOf([...names(1000), ...names(5, 'rare')], (name) => name.slice(0, 4).replace(/\d/g, ''));
    expect(rare.filter((name) => name.startsWith('rare'))).toHaveLength(3);
  });

  it('takes from strata by their size', () => {
    expect(quotasOf([800, 150, 50], { total: 100, each: 10 })).toEqual([80, 15, 10]);
    expect(quotasOf([5, 2000], { total: 100, each: 10 })).toEqual([5, 99]);
  });
});

describe('contradictions', () => {
  it('are records of one question with several answers, and no others', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(2)), { maxLength: 3000 }), (rows) => {
        const conflicts = new Conflicts();
        const answers = new Map<number, Set<number>>();
        for (const [question, answer] of rows) {
          conflicts.add(`q${question}`, `a${answer}`);
          answers.set(question, (answers.get(question) ?? new Set()).add(answer));
        }
        const contradicted = [...answers].filter(([, of]) => of.size > 1).map(([question]) => question);
        const { records, keys } = conflicts.find(1000);
        expect(records).toBe(rows.filter(([question]) => contradicted.includes(question)).length);
        expect([...keys].sort()).toEqual(contradicted.map((question) => rankOf(`q${question}`)).sort());
      }),
    );
  });
});

describe('bins', () => {
  it('hold every value between their bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 300 }), (values) => {
        const bins = binsOf(values);
        for (const { from, to, count } of bins)
          expect(values.filter((value) => value >= from && value < to)).toHaveLength(count);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
        expect(bins.length).toBeLessThanOrEqual(26);
      }),
    );
  });

  it('are one where all values are one', () => {
    expect(binsOf([8, 8, 8])).toEqual([{ from: 8, to: 9, count: 3 }]);
    expect(binsOf([])).toEqual([]);
  });
});

describe('pictures that look the same', () => {
  const look = (src: string, level: number) => ({ src, levels: new Uint8Array(30).fill(level) });
  it('are grouped through what lies between them, and apart from others', () => {
    const groups = lookAlikes([look('a', 100), look('b', 200), look('c', 102), look('d', 104), look('e', 30)]);
    expect(groups.map((group) => group.map(({ src }) => src))).toEqual([['a', 'c', 'd']]);
  });
});

describe('answers counted', () => {
  it('put the most frequent first and cut long ones', () => {
    const counts = new AnswerCounts();
    for (const answer of ['b', 'a', 'b', 'x'.repeat(500)]) counts.add(answer);
    expect(counts.top(3)).toEqual([
      { answer: 'b', rows: 2 },
      { answer: 'a', rows: 1 },
      { answer: `${'x'.repeat(120)}…`, rows: 1 },
    ]);
  });
});

describe('odd ones', () => {
  it('are those that measure most, and none where all measure the same', () => {
    const odd = new Odd<string>(2);
    for (const answer of ['x', 'xx', 'xxxx', 'x', 'xxx']) odd.add(answer, asked(answer, { answer }));
    expect(odd.groups()).toEqual([
      { title: 'Longest answers', records: ['xxxx', 'xxx'] },
      { title: 'Shortest answers', records: ['x', 'x'] },
    ]);
  });
});
