import fc from 'fast-check';
import { cascade } from '../../../workflows/policies/modelChoice/cascade.js';
import {
  breakEvenValue,
  itemsToBuy,
  netValue,
  valueOfInformation,
  valueOfItems,
} from '../../../workflows/policies/modelChoice/netValue.js';
import { type Rivalry, smallAgainstLarge } from '../../../workflows/policies/smallAgainstLarge.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';

const item = (index: number, small: number, large: number, confidence: number | null = null) => ({
  group: `g${index}`,
  small,
  large,
  confidence,
});

/** Of 400 items the small model answers 300 right, the large one those and `more` others. */
function ahead(more: number): Rivalry['items'] {
  return Array.from({ length: 400 }, (_, index) =>
    item(index, index < 300 ? 1 : 0, index < 300 + more ? 1 : 0, index < 300 ? 0.9 : 0.1),
  );
}

const rivalry: Rivalry = {
  small: { costPerThousand: 1, latency: 100 },
  large: { costPerThousand: 11, latency: 400 },
  items: ahead(40),
  value: 1,
  volume: 100_000,
  extraTraining: 500,
  maximumLatency: null,
  minimumEffect: 0.01,
  itemPrice: null,
};
const judge = (change: Partial<Rivalry> = {}) => smallAgainstLarge({ ...rivalry, ...change });

describe('smallAgainstLarge (R17, methods M11)', () => {
  it('takes the large model where even the least gain pays', () => {
    expect(judge()).toMatchObject({ verdict: 'large', takes: 'large' });
  });

  it('takes the small one where even the largest gain does not', () => {
    expect(judge({ value: 0.01 })).toMatchObject({ verdict: 'small', takes: 'small' });
  });

  it('takes the small one between the two, and says what knowing would be worth', () => {
    const between = judge({ value: 0.15, itemPrice: 0.01 });
    expect(between).toMatchObject({ verdict: 'cannotTell', takes: 'small', settles: expect.stringContaining('items') });
    expect(between.evidence['valueOfInformation']).toBeGreaterThan(0);
  });

  it('takes the small one where a gain is not significant', () => {
    const items = Array.from({ length: 40 }, (_, index) => item(index, index === 0 ? 0 : 1, index === 1 ? 0 : 1));
    const unsure = judge({ items: [...items, item(41, 0, 1)], volume: 1_000_000 });
    expect(unsure.difference.mean).toBeGreaterThan(0);
    expect(unsure).toMatchObject({ verdict: 'cannotTell', takes: 'small' });
  });

  it('takes the small one for no volume', () => {
    expect(judge({ volume: 0 }).verdict).toBe('small');
    expect(judge({ volume: 0, extraTraining: 0 }).verdict).toBe('small');
  });

  it('turns at the break-even value', () => {
    const { difference, evidence } = judge();
    const even = Number(evidence['breakEvenSurely']);
    expect(
      netValue({ value: even, volume: 100_000, extraCost: 0.01, extraTraining: 500 }, difference.lower),
    ).toBeCloseTo(0);
    expect(judge({ value: 1.01 * even }).takes).toBe('large');
    expect(judge({ value: 0.99 * even }).takes).toBe('small');
  });

  it('without a value names the one from which it pays', () => {
    const open = judge({ value: null });
    expect(open).toMatchObject({ verdict: 'cannotTell', takes: 'small', evidence: { net: null, value: null } });
    expect(open.evidence['breakEvenValue']).toBeCloseTo((0.01 + 0.005) / 0.1);
    expect(judge({ value: null, items: ahead(0) }).verdict).toBe('small');
  });

  it('calls a difference below the smallest that counts none', () => {
    expect(judge({ items: ahead(1), minimumEffect: 0.05, value: 1e6 }).verdict).toBe('small');
  });

  it('can not tell under a limit of latency that neither keeps, or that one was not measured against', () => {
    const neither = judge({ maximumLatency: 50 });
    expect(neither).toMatchObject({ verdict: 'cannotTell', takes: 'small', settles: expect.stringContaining('limit') });
    expect(neither.reason).toContain('the small one takes 100 ms, the large one 400 ms');
    const unmeasured = judge({ large: { costPerThousand: 11, latency: null }, maximumLatency: 500 });
    expect(unmeasured).toMatchObject({ verdict: 'cannotTell', takes: 'small' });
    expect(unmeasured.reason).toContain('the large one takes was not measured');
  });

  it('puts a limit of latency before money', () => {
    expect(judge({ maximumLatency: 300 }).verdict).toBe('small');
    expect(judge({ maximumLatency: 500 }).verdict).toBe('large');
    const slowSmall = { small: { costPerThousand: 1, latency: 600 }, maximumLatency: 500 };
    expect(judge({ ...slowSmall, value: 0.01 }).verdict).toBe('large');
  });

  it('says where more data would close the gap', () => {
    const curve = (errors: [number, number][]) =>
      errors.map(([n, error]) => ({ n, correct: Math.round(20_000 * (1 - error)), total: 20_000 }));
    const closing = {
      small: curve([
        [1000, 0.2],
        [2000, 0.1],
        [4000, 0.05],
        [8000, 0.025],
      ]),
      large: curve([
        [1000, 0.1],
        [2000, 0.05],
        [4000, 0.025],
        [8000, 0.0125],
      ]),
    };
    expect(judge({ curves: closing, minimumEffect: 0.05 }).reason).toContain('collect data instead');
    expect(judge({ curves: closing, minimumEffect: 0.001 }).reason).not.toContain('collect data instead');
    expect(judge({ curves: { small: [], large: [] } }).evidence['gapAhead']).toBeNull();
  });

  it('cannot tell from few groups or from prices that are none', () => {
    expect(judge({ items: ahead(40).slice(0, 9) })).toMatchObject({ verdict: 'cannotTell', takes: 'small' });
    expect(judge({ items: [] })).toMatchObject({ verdict: 'cannotTell', takes: 'small' });
    expect(judge({ large: { costPerThousand: Number.NaN, latency: null } }).verdict).toBe('cannotTell');
  });

  it('asks for prices that nobody said, and takes the small one meanwhile', () => {
    const unknown = { small: { costPerThousand: null, latency: 100 }, large: { costPerThousand: 11, latency: 400 } };
    const open = judge(unknown);
    expect(open).toMatchObject({
      verdict: 'cannotTell',
      takes: 'small',
      settles: expect.stringContaining('--small-cost'),
    });
    expect(open.evidence).toMatchObject({ net: null, breakEvenValue: null, extraCostPerThousand: null });
    expect(judge({ ...unknown, value: null }).verdict).toBe('cannotTell');
    expect(judge({ ...unknown, items: ahead(0) }).verdict).toBe('small');
    expect(judge({ ...unknown, maximumLatency: 300 }).verdict).toBe('small');
  });

  describe('where the large model costs less', () => {
    const cheaper = { small: { costPerThousand: 11, latency: 100 }, large: { costPerThousand: 1, latency: 400 } };
    const open = (more: number, change: Partial<Rivalry> = {}) =>
      judge({ ...cheaper, value: null, items: more < 0 ? behind(-more) : ahead(more), ...change });
    const behind = (less: number) => ahead(less).map((each) => ({ ...each, small: each.large, large: each.small }));

    it('takes it without a worth where it is no worse', () => {
      expect(open(0)).toMatchObject({ verdict: 'large', reason: expect.stringContaining('costs 500 less in all') });
      expect(open(40).verdict).toBe('large');
    });

    it('names the worth up to which it pays where it is worse', () => {
      const worse = open(-40);
      expect(worse).toMatchObject({ verdict: 'cannotTell', reason: expect.stringContaining('up to a worth of 0.05') });
      expect(open(-40, { value: 0.01 }).verdict).toBe('large');
      expect(open(-40, { value: 1 }).verdict).toBe('small');
    });

    it('counts its training against what it saves', () => {
      expect(open(0, { extraTraining: 2000 }).verdict).toBe('small');
      expect(open(0, { extraTraining: 2000, value: 1e6 }).verdict).toBe('small');
      expect(open(0, { volume: 0, extraTraining: 0 }).verdict).toBe('small');
    });
  });

  it('takes the small of two equal models on at least 97 % of 300 seeds', () => {
    let small = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const uniform = uniformFrom(seed);
      const right = () => (uniform() < 0.8 ? 1 : 0);
      const items = Array.from({ length: 200 }, (_, index) => item(index, right(), right()));
      if (judge({ items, value: 1000 }).takes === 'small') small += 1;
    }
    expect(small / 300).toBeGreaterThanOrEqual(0.97);
  });

  it('never turns to the large model because that costs more, nor away from it because it costs less', () => {
    const cost = fc.double({ min: 0, max: 200, noNaN: true });
    fc.assert(
      fc.property(cost, cost, cost, cost, fc.integer({ min: 0, max: 60 }), (a, b, c, d, more) => {
        const [least, most] = [Math.min(a, b), Math.max(a, b)];
        const [cheap, dear] = [Math.min(c, d) * 100, Math.max(c, d) * 100];
        const taken = (costPerThousand: number, extraTraining: number) =>
          judge({ items: ahead(more), large: { costPerThousand, latency: null }, extraTraining }).takes;
        if (taken(most, cheap) === 'large') expect(taken(least, cheap)).toBe('large');
        if (taken(least, dear) === 'large') expect(taken(least, cheap)).toBe('large');
      }),
      { numRuns: 40 },
    );
  });
});

describe('the value of knowing', () => {
  const stakes = { value: 1, volume: 1000, extraCost: 0.05, extraTraining: 0 };

  it('is largest at the break-even, and nothing where the difference is known', () => {
    const at = (mean: number, standardError = 0.02) => valueOfInformation(stakes, { mean, standardError, n: 100 });
    expect(at(0.05)).toBeCloseTo((1000 * 0.02) / Math.sqrt(2 * Math.PI));
    expect(at(0.09)).toBeLessThan(at(0.05));
    expect(at(0.05, 0)).toBe(0);
  });

  it('of more items grows with them and stays below that of knowing all', () => {
    const measured = { mean: 0.05, standardError: 0.02, n: 100 };
    const few = valueOfItems(stakes, measured, 50);
    const many = valueOfItems(stakes, measured, 5000);
    expect(few).toBeGreaterThan(0);
    expect(many).toBeGreaterThan(few);
    expect(valueOfInformation(stakes, measured)).toBeGreaterThan(many);
    expect(itemsToBuy(stakes, measured, 1e-4)).toBeGreaterThan(0);
    expect(itemsToBuy(stakes, measured, 10)).toBe(0);
  });

  it('there is no break-even without a gain', () => {
    expect(breakEvenValue(stakes, 0)).toBeNull();
    expect(breakEvenValue({ ...stakes, volume: 0 }, 0.1)).toBeCloseTo(0.5);
  });
});

describe('cascade (methods M11)', () => {
  const costs = { small: 1, large: 10 };

  it('gains most where the unsure answers are the wrong ones', () => {
    const rows = cascade(ahead(40), costs);
    expect(rows?.map(({ escalated, cost }) => [escalated, cost])).toEqual([
      [0.1, 2],
      [0.2, 3],
      [0.3, 4],
    ]);
    expect(rows?.[0]?.score).toBeCloseTo(0.75 + 0.04);
    expect(rows?.[2]?.score).toBeCloseTo(0.85);
  });

  it('takes its share of items that are equally sure, in any order', () => {
    const items = ahead(40).map((each) => ({ ...each, confidence: 0.5 }));
    const scores = [items, items.toReversed()].map((order) => cascade(order, costs)?.[0]?.score);
    expect(scores[0]).toBeCloseTo(0.75 + 0.1 * 0.1);
    expect(scores[1]).toBeCloseTo(scores[0] ?? Number.NaN);
  });

  it('is not told without confidences', () => {
    expect(
      cascade(
        ahead(40).map((each) => ({ ...each, confidence: null })),
        costs,
      ),
    ).toBeNull();
    expect(cascade([], costs)).toBeNull();
  });
});
