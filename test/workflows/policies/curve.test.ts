import { genericBaselineAfter } from '../../../workflows/policies/curve.js';
import { pointsOf } from './builders.js';

describe('genericBaselineAfter (R16)', () => {
  const series = (generic: number[], error?: number) =>
    pointsOf({ validation: generic, generic }).map((point, index) => {
      const sinceFirst = { generic: error ?? null };
      return index === 0 || error === undefined
        ? point
        : { ...point, pairedErrors: { sinceFirst, sinceBest: sinceFirst } };
    });

  it('is the loss at step 0 of the first stage, whatever came after', () => {
    const first = genericBaselineAfter(series([1, 1.2, 1.1], 0.03));
    expect(first).toEqual({ loss: 1, error: expect.closeTo(0.03) });
    expect(genericBaselineAfter(series([1.1, 1.3, 1.2], 0.04), first)).toEqual({
      loss: 1,
      error: expect.closeTo(0.05),
    });
  });

  it('knows no error where the losses of items are not kept, and no base without a generic set', () => {
    expect(genericBaselineAfter(series([1, 1.2]))).toEqual({ loss: 1, error: 0 });
    expect(genericBaselineAfter(pointsOf({ validation: [1, 0.5] }))).toBeUndefined();
    expect(genericBaselineAfter([])).toBeUndefined();
  });
});
