import { describe, expect, it } from '@jest/globals';
import { pairedLosses } from '../../../../workflows/policies/statistics/pairedLosses.js';
import { normalFrom } from '../builders.js';

describe('pairedLosses (methods M7)', () => {
  it('is the mean difference with its standard error, over the records that both have', () => {
    const change = pairedLosses({ a: 1, b: 2, c: 3, gone: 9 }, { a: 1.1, b: 2.3, c: 3.2, new: 0 });
    expect(change?.mean).toBeCloseTo(0.2);
    expect(change?.standardError).toBeCloseTo(0.1 / Math.sqrt(3));
    expect(change?.n).toBe(3);
  });

  it('does not depend on the order of records', () => {
    expect(pairedLosses({ a: 1, b: 2, c: 5 }, { c: 5, b: 2.5, a: 1 })).toEqual(
      pairedLosses({ c: 5, a: 1, b: 2 }, { a: 1, b: 2.5, c: 5 }),
    );
  });

  it('takes out what is hard or easy about a record', () => {
    const draw = normalFrom(1);
    const before = Object.fromEntries(Array.from({ length: 200 }, (_, item) => [`i${item}`, Math.abs(3 * draw())]));
    const after = Object.fromEntries(Object.entries(before).map(([id, loss]) => [id, loss + 0.05 + 0.01 * draw()]));
    const change = pairedLosses(before, after);
    expect(change?.mean).toBeCloseTo(0.05, 2);
    expect(change?.standardError).toBeLessThan(0.001);
  });

  it('is not known below two shared records, nor where a loss is no number', () => {
    expect(pairedLosses({}, {})).toBeNull();
    expect(pairedLosses({ a: 1 }, { a: 2 })).toBeNull();
    expect(pairedLosses({ a: 1, b: 2 }, { c: 1, d: 2 })).toBeNull();
    expect(pairedLosses({ a: 1, b: null, c: 1 }, { a: 1, b: 2, c: 1 })).toBeNull();
    expect(pairedLosses({ a: 1, b: 2 }, { a: 1, b: Number.NaN })).toBeNull();
  });
});
