import { describe, expect, it } from '@jest/globals';
import { pickAverage } from '../../../workflows/policies/pickAverage.js';
import { type MixCandidate, pickMix, standingOf } from '../../../workflows/policies/pickMix.js';

const budgets = { budget: 0.05, businessMargin: 0.01 };

const trainedOf = (genericAfter: number, businessScore: number, rest: Partial<MixCandidate> = {}): MixCandidate => ({
  business: 10,
  generic: 1,
  genericExcess: 0.3,
  genericBefore: 0.8,
  genericAfter,
  businessScore,
  businessAgainst: null,
  stopped: false,
  ...rest,
});

const averageOf = (share: number, genericAfter: number, businessScore: number, businessAgainst = 0.95): MixCandidate =>
  trainedOf(genericAfter, businessScore, { share, way: `averaged to ${100 * share} %`, businessAgainst });

describe('averages among mixes (R12, methods M8)', () => {
  it('are taken where the training lost too much and they keep both', () => {
    const choice = pickMix([trainedOf(0.5, 0.95), averageOf(0.9, 0.7, 0.95), averageOf(0.7, 0.78, 0.945)], {
      ...budgets,
      more: true,
    });
    expect(choice).toMatchObject({
      verdict: 'insideBudget',
      chosen: 2,
      evidence: { share: 0.7, businessScore: 0.945 },
    });
    expect(choice.reason).toContain('averaged to 70 %');
    expect(choice.reason).toContain('Business is kept: 94.5 %');
  });

  it('of several that keep both, the best business score is taken, and of equal ones the first', () => {
    const trained = trainedOf(0.5, 0.95);
    const best = [trained, averageOf(0.9, 0.77, 0.945), averageOf(0.7, 0.79, 0.96), averageOf(0.5, 0.8, 0.95)];
    expect(pickMix(best, { ...budgets, more: true }).chosen).toBe(2);
    const equal = [trained, averageOf(0.9, 0.77, 0.95), averageOf(0.7, 0.79, 0.95)];
    expect(pickMix(equal, { ...budgets, more: true }).chosen).toBe(1);
  });

  it('are not taken for general ability alone: business may fall by the margin, and no more', () => {
    const kept = averageOf(0.7, 0.78, 0.94);
    const lost = averageOf(0.5, 0.8, 0.939);
    expect(standingOf(kept, budgets)).toBe('insideBudget');
    expect(standingOf(lost, budgets)).toBe('businessFalls');
    const choice = pickMix([trainedOf(0.5, 0.95), lost], { ...budgets, more: true });
    expect(choice).toMatchObject({ verdict: 'tryNext', chosen: null });
    expect(choice.reason).toContain('No average with the base keeps both: with 50.0 % of the tuning');
    expect(choice.reason).toContain('business 93.9 % (too little business)');
  });

  it('are never the last resort, since the less an average learnt the less it lost', () => {
    const tried = [trainedOf(0.5, 0.95), averageOf(0.5, 0.7, 0.95), trainedOf(0.6, 0.94, { generic: 2 })];
    const choice = pickMix(tried, { ...budgets, more: false });
    expect(choice).toMatchObject({ verdict: 'noneInside', chosen: 2 });
    expect(choice.reason).toContain('10 business : 2 generic');
  });

  it('need a business score', () => {
    const unmeasured = { ...averageOf(0.9, 0.79, 0), businessScore: null };
    expect(standingOf(unmeasured, budgets)).toBe('businessFalls');
    expect(standingOf({ ...unmeasured, businessScore: Number.NaN }, budgets)).toBe('businessFalls');
    expect(standingOf({ ...unmeasured, genericAfter: null }, budgets)).toBe('notMeasured');
  });

  it('leave a ratio its freedom: what is trained with generic data need not keep a score', () => {
    expect(standingOf(trainedOf(0.79, 0.2), budgets)).toBe('insideBudget');
  });
});

describe('pickAverage (R12)', () => {
  it('keeps the tuned model where it is inside the budget itself and none is better', () => {
    const tuned = trainedOf(0.79, 0.95);
    expect(pickAverage([tuned, averageOf(0.9, 0.8, 0.95)], budgets)).toMatchObject({
      verdict: 'share 1',
      evidence: { share: 1, inside: 2 },
    });
  });

  it('names the share that keeps both', () => {
    const found = pickAverage([trainedOf(0.5, 0.95), averageOf(0.9, 0.7, 0.95), averageOf(0.7, 0.78, 0.945)], budgets);
    expect(found).toMatchObject({ verdict: 'share 0.7', evidence: { share: 0.7, inside: 1 } });
  });

  it('makes no average where none keeps both, and says that none was inside', () => {
    const found = pickAverage([trainedOf(0.5, 0.95), averageOf(0.9, 0.7, 0.95), averageOf(0.5, 0.8, 0.4)], budgets);
    expect(found).toMatchObject({ verdict: 'share 1', evidence: { share: 1, inside: 0 } });
    expect(found.reason).toContain('too little generic');
    expect(found.reason).toContain('too little business');
  });
});
