import { describe, expect, it } from '@jest/globals';
import { blindGate } from '../../../workflows/policies/blindGate.js';
import { evaluationOf } from '../scriptedActivities.js';

const scored = (mean: number, half = 0.02, groups = 400) => {
  const evaluation = evaluationOf('blind', mean);
  return { ...evaluation, score: { ...evaluation.score, lower: mean - half, upper: mean + half, groups } };
};

describe('blindGate (R9)', () => {
  it.each([
    ['pictureUsed', 'others’ pictures cost most of the score', scored(0.2)],
    ['pictureNotNeeded', 'others’ pictures cost nothing', scored(0.88)],
    ['cannotTell', 'the interval holds the limit', scored(0.8, 0.06)],
    ['cannotTell', 'too few items were asked', scored(0.2, 0.02, 5)],
  ])('says %s where %s', (verdict, _, swapped) => {
    const decision = blindGate(scored(0.9), { swapped, blank: scored(0.2) });
    expect(decision).toMatchObject({ verdict, evidence: { own: 0.9, swapped: swapped.score.mean, blank: 0.2 } });
  });

  it.each([0, 0.05])('blames no shortcut where a share of %s is right: nothing can be lost', (own) => {
    const decision = blindGate(scored(own), { swapped: scored(own), blank: scored(0) });
    expect(decision).toMatchObject({ verdict: 'cannotTell', settles: 'A model that answers more of its items right.' });
  });
});
