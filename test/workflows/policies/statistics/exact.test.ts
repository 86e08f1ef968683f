import fc from 'fast-check';
import { holm, lowerShareMidP, mcnemarMidP } from '../../../../workflows/policies/statistics/exact.js';
import { uniformFrom } from '../../../../workflows/policies/statistics/random.js';
import { sequentialBounds } from '../../../../workflows/policies/statistics/sequential.js';
import { isRising, mannKendall, noiseOf, theilSen } from '../../../../workflows/policies/statistics/trend.js';

const looks = [40, 80, 140, 220, 400];

describe('sequentialBounds (methods M1)', () => {
  it('gives the golden bounds for a target of .90', () => {
    const bounds = sequentialBounds(0.9, looks);
    expect(bounds.map(({ passAt }) => passAt)).toEqual([null, 78, 134, 208, 372]);
    expect(bounds.map(({ failAt }) => failAt)).toEqual([30, 64, 117, 188, 347]);
  });

  it('passes a model on the line in at most 5 % of runs, and a good one nearly always', () => {
    const bounds = sequentialBounds(0.9, looks);
    const passes = (share: number) => {
      let passed = 0;
      for (let run = 0; run < 1000; run++) {
        const random = uniformFrom(run + 7);
        const right = Array.from({ length: 400 }, () => (random() < share ? 1 : 0) as number);
        const counts = bounds.map(({ n }) => right.slice(0, n).reduce((sum, one) => sum + one, 0));
        const end = bounds.findIndex(
          ({ passAt, failAt }, i) => (counts[i] ?? 0) >= (passAt ?? 1e9) || (counts[i] ?? 0) <= (failAt ?? -1),
        );
        if (end >= 0 && (counts[end] ?? 0) >= (bounds[end]?.passAt ?? 1e9)) passed += 1;
      }
      return passed / 1000;
    };
    expect(passes(0.9)).toBeLessThanOrEqual(0.06);
    expect(passes(0.95)).toBeGreaterThanOrEqual(0.95);
  });

  it('never lets the two bounds meet, whatever the target', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (target) => {
        for (const { passAt, failAt, n } of sequentialBounds(target, [10, 20, 50])) {
          expect(failAt ?? -1).toBeLessThan(passAt ?? n + 1);
        }
      }),
    );
  });

  it('gives no bound for a target that cannot be tested', () => {
    expect(sequentialBounds(1, [10])).toEqual([{ n: 10, passAt: null, failAt: null }]);
    expect(sequentialBounds(Number.NaN, [])).toEqual([]);
  });
});

describe('mcnemarMidP (methods M1)', () => {
  it('agrees with a hand count', () => {
    expect(mcnemarMidP(5, 0)).toBeCloseTo(1 / 32, 10);
    expect(mcnemarMidP(8, 2)).toBeCloseTo(2 * (11 / 1024) + 45 / 1024, 10);
  });

  it('is symmetric, at most 1, and 1 without a discordant pair', () => {
    expect(mcnemarMidP(0, 0)).toBe(1);
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (gained, lost) => {
        const p = mcnemarMidP(gained, lost);
        expect(p).toBe(mcnemarMidP(lost, gained));
        expect(p > 0 && p <= 1).toBe(true);
      }),
    );
  });
});

describe('lowerShareMidP and holm', () => {
  it('agree with a hand count and correct for many looks', () => {
    expect(lowerShareMidP({ right: 0, n: 3 }, { right: 3, n: 3 })).toBeCloseTo(0.025, 10);
    expect(lowerShareMidP({ right: 0, n: 0 }, { right: 3, n: 3 })).toBe(1);
    expect(holm([0.001, 0.04, 0.03])).toEqual([true, false, false]);
    expect(holm([Number.NaN, 0.001])).toEqual([false, true]);
  });
});

describe('trend (methods M7)', () => {
  it('scores a series by its pairs and takes the median slope', () => {
    expect(mannKendall([1, 2, 3, 4])).toBe(6);
    expect(mannKendall([2, 2, 2])).toBe(0);
    expect(theilSen([1, 2, 3, 4, 100])).toBe(1);
    expect(theilSen([])).toBe(0);
  });

  it('calls a random series of 8 rising in about 3 % of cases', () => {
    let rising = 0;
    for (let run = 0; run < 4000; run++) {
      const random = uniformFrom(run + 3);
      if (isRising(Array.from({ length: 8 }, () => random()))) rising += 1;
    }
    expect(rising / 4000).toBeGreaterThan(0.02);
    expect(rising / 4000).toBeLessThan(0.042);
  });

  it('gives a constant series a noise floor instead of certainty', () => {
    expect(noiseOf([1, 1, 1, 1])).toBe(1e-4);
    expect(noiseOf([])).toBe(1e-4);
  });
});
