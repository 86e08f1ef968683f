import { parityGate } from '../../../workflows/policies/parityGate.js';
import { taskSolved } from '../../../workflows/policies/taskSolved.js';
import { evaluationOf, shareOf } from './builders.js';

describe('parityGate (methods M5)', () => {
  const limits = { agreement: 0.99 };
  const parityOf = (agree: number, probes: number) => ({
    probes,
    agree,
    trainerScore: 0.9,
    servedScore: 0.9,
    firstDifference: null,
  });

  it('wants 99 % of 300 answers equal', () => {
    expect(parityGate(parityOf(297, 300), limits).verdict).toBe('equal');
    expect(parityGate(parityOf(296, 300), limits).verdict).toBe('differs');
  });

  it('cannot tell from fewer, unless no more exist', () => {
    expect(parityGate(parityOf(100, 100), limits)).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.stringContaining('200'),
    });
    expect(parityGate(parityOf(100, 100), { ...limits, exist: 100 }).verdict).toBe('equal');
    expect(parityGate(parityOf(0, 0), limits).verdict).toBe('cannotTell');
    expect(parityGate(parityOf(0, 0), { ...limits, exist: 0 }).verdict).toBe('cannotTell');
  });

  it('sees a wrong adapter from few probes already', () => {
    expect(parityGate(parityOf(10, 60), limits).verdict).toBe('differs');
  });

  describe('with a merged model between adapter and server', () => {
    const threeWay = (served: [number, number], merged: [number, number]) =>
      parityGate(
        {
          ...parityOf(...served),
          merged: { agree: merged[0], probes: merged[1], firstDifference: 'a: the adapter said "1"' },
        },
        limits,
      );

    it('wants both stages equal', () => {
      expect(threeWay([297, 300], [300, 300]).verdict).toBe('equal');
      expect(threeWay([296, 300], [300, 300]).verdict).toBe('differs');
      expect(threeWay([300, 300], [296, 300]).verdict).toBe('differs');
    });

    it('says at which stage answers change', () => {
      const merging = threeWay([300, 300], [200, 300]);
      expect(merging.reason).toContain(
        'adapter and merged model differ. The first difference: a: the adapter said "1"',
      );
      expect(merging.reason).not.toContain('trainer and server');
      expect(merging.evidence).toMatchObject({ agree: 300, mergedAgree: 200 });
      expect(threeWay([200, 300], [300, 300]).reason).toContain('trainer and server differ');
    });

    it('cannot tell when one stage was not asked enough', () => {
      expect(threeWay([300, 300], [20, 20])).toMatchObject({
        verdict: 'cannotTell',
        settles: expect.stringContaining('280 more'),
      });
    });
  });
});

describe('taskSolved (R1, R12)', () => {
  const target = { score: 0.95, formatValidity: 0.99 };
  const limits = { genericKept: 0.9 };
  const scored = (right: number, n: number) => evaluationOf({ score: shareOf(right, n) });
  const judge = (business: number, genericBefore: number | null, genericAfter: number | null) =>
    taskSolved(
      { business: scored(business, 400), generic: genericAfter === null ? null : scored(genericAfter, 400) },
      { generic: genericBefore === null ? null : scored(genericBefore, 400) },
      target,
      limits,
    ).verdict;

  it('wants the target and nine tenths of general ability', () => {
    expect(judge(395, 360, 340)).toBe('solved');
    expect(judge(395, 360, 300)).toBe('notSolved');
    expect(judge(300, 360, 360)).toBe('notSolved');
    expect(judge(384, 360, 360)).toBe('cannotTell');
  });

  it('needs no generic set, but both readings of one', () => {
    expect(judge(395, null, null)).toBe('solved');
    expect(judge(395, 360, null)).toBe('cannotTell');
    expect(judge(395, 0, 0)).toBe('solved');
  });

  it('is not solved when the form is surely wrong', () => {
    const business = evaluationOf({ score: shareOf(395, 400), validity: shareOf(380, 400) });
    expect(taskSolved({ business, generic: null }, { generic: null }, target, limits).verdict).toBe('notSolved');
  });

  it('never rises when general ability falls', () => {
    const rank = { notSolved: 0, cannotTell: 1, solved: 2 };
    const verdicts = [360, 330, 324, 320, 100].map((left) => rank[judge(395, 360, left)]);
    expect(verdicts).toEqual(verdicts.toSorted((a, b) => b - a));
  });
});
