import fc from 'fast-check';
import { chooseCheckpoint } from '../../../workflows/policies/chooseCheckpoint.js';
import { pointsOf } from './builders.js';

describe('chooseCheckpoint (R16, methods M7)', () => {
  const limits = { genericBudget: 0.05, genericFloor: 0 };
  const validation = [1, 0.8, 0.6, 0.5, 0.45, 0.44, 0.5, 0.6, 0.7];

  it('takes the lowest smoothed validation loss', () => {
    const generic = validation.map(() => 1);
    expect(chooseCheckpoint(pointsOf({ validation, generic }), limits)).toMatchObject({ verdict: 'chosen', step: 50 });
    expect(chooseCheckpoint(pointsOf({ validation }), limits).verdict).toBe('chosen');
  });

  it('stays inside the generic budget', () => {
    const generic = [1, 1, 1.02, 1.04, 1.08, 1.12, 1.16, 1.2, 1.24];
    expect(chooseCheckpoint(pointsOf({ validation, generic }), limits).step).toBe(30);
  });

  it('takes the least excess when nothing is inside', () => {
    const generic = [1, 1.5, 1.4, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8];
    expect(chooseCheckpoint(pointsOf({ validation, generic }), limits)).toMatchObject({
      verdict: 'noneWithinBudget',
      step: 30,
    });
  });

  it('keeps none that answers less than half as many right as another, however well general ability is kept', () => {
    const generic = [1, 1, 1.3, 1.3, 1.2, 1.1, 1.12, 1.2, 1.2];
    const exact = [0, 0, 0.1, 0.4, 0.6, 0.7, 0.7, 0.7, 0.7];
    const points = pointsOf({ validation, generic }, exact);
    const former = { ties: 'lowest', useless: 'candidates' } as const;
    const inside = { genericBudget: 0.16, genericFloor: 0 };
    expect(chooseCheckpoint(points.slice(0, 5), inside, former)).toMatchObject({ verdict: 'chosen', step: 10 });
    expect(chooseCheckpoint(points.slice(0, 5), inside)).toMatchObject({
      verdict: 'noneWithinBudget',
      step: 40,
      evidence: { useless: 2 },
    });
    expect(chooseCheckpoint(points, inside)).toMatchObject({ verdict: 'chosen', step: 50 });
  });

  it('says when the generic items are too few to tell on which side of the budget it is', () => {
    const generic = [1, 1, 1.02, 1.04, 1.08, 1.12, 1.16, 1.2, 1.24];
    const settledBy = (error: number) => {
      const sinceFirst = { generic: error };
      const points = pointsOf({ validation, generic }).map((point) => ({
        ...point,
        pairedErrors: { sinceFirst, sinceBest: sinceFirst },
      }));
      return chooseCheckpoint(points, limits).settles;
    };
    // Of the step that is kept, 30: 0.0467 of 0.05 nats.
    expect(settledBy(0.001)).toBeUndefined();
    expect(settledBy(0.01)).toContain('with a standard error of 0.01 nats these cannot tell');
    expect(chooseCheckpoint(pointsOf({ validation, generic }), limits)).not.toHaveProperty('settles');
  });

  it('counts the budget from where the first stage starts', () => {
    const generic = [1.03, 1.03, 1.02, 1.01, 1.04, 1.08, 1.12, 1.16, 1.2];
    const from = (genericBaseline?: { loss: number; error: number }) =>
      chooseCheckpoint(pointsOf({ validation, generic }), { ...limits, genericBaseline });
    expect(from()).toMatchObject({ verdict: 'chosen', step: 50 });
    expect(from({ loss: 1, error: 0 })).toMatchObject({ verdict: 'chosen', step: 40, evidence: { inside: 4 } });
    expect(from({ loss: 0.98, error: 0 })).toMatchObject({ verdict: 'chosen', step: 30 });
    expect(from({ loss: 0.9, error: 0 })).toMatchObject({ verdict: 'noneWithinBudget', step: 20 });
    expect(
      chooseCheckpoint(pointsOf({ validation }), { ...limits, genericBaseline: { loss: 1, error: 0 } }),
    ).toMatchObject({
      evidence: { genericExcess: null },
    });
  });

  it('takes none whose generic loss is no number or was not measured, where others have one', () => {
    const generic = [1, 1, 1, 1].concat(Array(5).fill(Number.NaN));
    const points = pointsOf({ validation, generic });
    expect(chooseCheckpoint(points, limits)).toMatchObject({
      verdict: 'chosen',
      step: 30,
      evidence: { candidates: 3 },
    });
    const renamed = points.map((point) => ({ ...point, losses: { validation: point.losses['validation'] ?? null } }));
    expect(chooseCheckpoint([...points.slice(0, 1), ...renamed.slice(1)], limits)).toMatchObject({
      verdict: 'chosen',
      step: 50,
      reason: expect.stringContaining('generic loss not measured'),
    });
  });

  it('takes of a tie the one that is lowest by itself, or the earliest for runs from before', () => {
    const flat = [1, 0.6, 0.52, 0.5, 0.47, 0.5, 0.52, 0.48, 0.5, 0.52, 0.5];
    expect(chooseCheckpoint(pointsOf({ validation: flat }), limits).step).toBe(40);
    expect(
      chooseCheckpoint(pointsOf({ validation: flat }), limits, { ties: 'earliest', useless: 'candidates' }).step,
    ).toBe(30);
  });

  it('takes the earlier of equals, and never the untouched model', () => {
    expect(chooseCheckpoint(pointsOf({ validation: [0.5, 0.5, 0.5, 0.5] }), limits).step).toBe(10);
  });

  it('prefers surely better answers to a lower loss', () => {
    const exact = [0.1, 0.3, 0.5, 0.6, 0.7, 0.78, 0.86, 0.93, 0.95];
    expect(chooseCheckpoint(pointsOf({ validation }, exact), limits)).toMatchObject({
      verdict: 'chosen',
      step: 80,
      evidence: { by: 'exact' },
    });
  });

  it('cannot tell without a validation loss', () => {
    expect(chooseCheckpoint([], limits)).toMatchObject({ verdict: 'cannotTell', step: null });
    expect(chooseCheckpoint(pointsOf({ generic: [1, 1] }), limits).verdict).toBe('cannotTell');
  });

  it('always takes a step that was evaluated', () => {
    const series = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(series, series, (first, second) => {
        const points = pointsOf({ validation: first, generic: second });
        const { step } = chooseCheckpoint(points, limits);
        expect(step === null || points.some((point) => point.step === step && step > 0)).toBe(true);
      }),
    );
  });
});
