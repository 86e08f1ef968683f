import fc from 'fast-check';
import { intervalOf, wilson } from '../../../../workflows/policies/statistics/interval.js';
import { pairedDifference } from '../../../../workflows/policies/statistics/paired.js';
import { normalQuantile, studentQuantile } from '../../../../workflows/policies/statistics/quantiles.js';
import { uniformFrom } from '../../../../workflows/policies/statistics/random.js';
import { shareOf } from '../builders.js';

const items = fc.array(
  fc.record({ group: fc.constantFrom('a', 'b', 'c', 'd', 'e'), score: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

/** Answers of one group, beta-binomial with intra-group correlation r, drawn by Pólya's urn. */
function drawGroup(random: () => number, share: number, size: number, correlation: number): number[] {
  const weight = correlation > 0 ? (1 - correlation) / correlation : Number.MAX_VALUE;
  const drawn: number[] = [];
  let right = 0;
  while (drawn.length < size) {
    const chance = (share * weight + right) / (weight + drawn.length);
    const score = random() < chance ? 1 : 0;
    drawn.push(score);
    right += score;
  }
  return drawn;
}

/** Share of 300 seeded runs whose interval holds the true share. */
function coverage(share: number, groups: number, size: number, correlation: number): number {
  let held = 0;
  for (let run = 1; run <= 300; run++) {
    const random = uniformFrom(run);
    const items = Array.from({ length: groups }, (_, group) =>
      drawGroup(random, share, size, correlation).map((score) => ({ group: `g${group}`, score })),
    ).flat();
    const { lower, upper } = intervalOf(items);
    if (lower <= share && share <= upper) held += 1;
  }
  return held / 300;
}

describe('quantiles', () => {
  it('agree with printed tables', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
    expect(normalQuantile(0.05)).toBeCloseTo(-1.644854, 6);
    const printed: [number, number][] = [
      [1, 12.7062],
      [2, 4.3027],
      [5, 2.5706],
      [9, 2.2622],
      [30, 2.0423],
      [120, 1.9799],
      [1000, 1.9623],
    ];
    for (const [degrees, value] of printed) expect(studentQuantile(0.975, degrees)).toBeCloseTo(value, 4);
  });

  it('are unbounded without a degree of freedom', () => {
    expect(studentQuantile(0.975, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('intervalOf (methods M1)', () => {
  it('covers the truth in at least 93 % of runs, with and without clusters', () => {
    expect(coverage(0.9, 30, 1, 0)).toBeGreaterThanOrEqual(0.93);
    expect(coverage(0.9, 50, 3, 0.5)).toBeGreaterThanOrEqual(0.93);
    expect(coverage(0.8, 100, 5, 0.3)).toBeGreaterThanOrEqual(0.93);
  });

  it('covers it nearly as often with only 20 strongly clustered groups', () => {
    expect(coverage(0.9, 20, 5, 0.5)).toBeGreaterThanOrEqual(0.91);
  });

  it('keeps 20 right of 20 below .95', () => {
    expect(wilson(20, 20).lower).toBeCloseTo(0.839, 3);
    expect(shareOf(20, 20).lower).toBeLessThan(0.84);
  });

  it('counts groups, not items, when all are right', () => {
    const clustered = Array.from({ length: 100 }, (_, i) => ({ group: `g${i % 20}`, score: 1 }));
    expect(intervalOf(clustered).lower).toBeCloseTo(shareOf(20, 20).lower, 10);
  });

  it('says nothing about no items or a single group', () => {
    expect(intervalOf([])).toEqual({ mean: 0, lower: 0, upper: 1, n: 0, groups: 0 });
    expect(intervalOf([{ group: 'a', score: 1 }])).toMatchObject({ mean: 1, lower: 0, upper: 1 });
  });

  it('is ordered, inside 0 to 1, and blind to the order of items', () => {
    fc.assert(
      fc.property(items, (drawn) => {
        const { mean, lower, upper } = intervalOf(drawn);
        expect(0 <= lower && lower <= mean && mean <= upper && upper <= 1).toBe(true);
        const back = intervalOf(drawn.toReversed());
        expect(back.lower).toBeCloseTo(lower, 9);
      }),
    );
  });

  it('rises with every answer that turns right', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), (right) => {
        expect(shareOf(right + 1, 60).lower).toBeGreaterThanOrEqual(shareOf(right, 60).lower);
      }),
    );
  });

  it('takes a score that is no number as wrong', () => {
    expect(
      intervalOf([
        { group: 'a', score: Number.NaN },
        { group: 'b', score: 1 },
      ]).mean,
    ).toBe(0.5);
  });
});

describe('pairedDifference (methods M1)', () => {
  it('sees a small gain that both intervals alone would hide', () => {
    const pairs = Array.from({ length: 200 }, (_, i) => ({
      group: `g${i}`,
      before: i < 150 ? 1 : 0,
      after: i < 162 ? 1 : 0,
    }));
    const { mean, lower } = pairedDifference(pairs);
    expect(mean).toBeCloseTo(0.06);
    expect(lower).toBeGreaterThan(0);
    expect(shareOf(162, 200).lower).toBeLessThan(shareOf(150, 200).upper);
  });

  it('keeps a width where nothing changed, and says nothing without two groups', () => {
    const same = Array.from({ length: 30 }, (_, i) => ({ group: `g${i}`, before: 1, after: 1 }));
    expect(pairedDifference(same)).toEqual({ mean: 0, lower: -0.1, upper: 0.1, n: 30 });
    expect(pairedDifference([])).toEqual({ mean: 0, lower: -1, upper: 1, n: 0 });
    expect(pairedDifference([{ group: 'a', before: 0, after: Number.NaN }]).n).toBe(0);
  });
});
