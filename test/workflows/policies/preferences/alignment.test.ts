import type { EvaluationPoint, PreferenceFigures } from '../../../../config/training.js';
import { type AlignStopLimits, alignStop } from '../../../../workflows/policies/alignStop.js';
import { keepAligned } from '../../../../workflows/policies/keepAligned.js';
import { bestPoint } from '../../../../workflows/policies/preferences/bestPoint.js';
import { errorKind } from '../../../../workflows/policies/preferences/errorKind.js';
import { headroom, passAt } from '../../../../workflows/policies/preferences/passAt.js';
import { type AlignFigures, whenToAlign } from '../../../../workflows/policies/whenToAlign.js';
import { shareOf } from '../builders.js';

const sampled = (count: number, right: number) =>
  Array.from({ length: count }, (_, item) => ({ group: `${right}-${item}`, right, asked: 8 }));

describe('passAt (Chen et al. 2021)', () => {
  it('is the share of right answers for one try, and certain once one of all is right', () => {
    expect(passAt(1, { right: 2, asked: 8 })).toBeCloseTo(0.25);
    expect(passAt(8, { right: 1, asked: 8 })).toBe(1);
    expect(passAt(8, { right: 0, asked: 8 })).toBe(0);
    expect(passAt(2, { right: 1, asked: 4 })).toBeCloseTo(1 - (3 / 4) * (2 / 3));
  });

  it('knows nothing of more tries than were made', () => {
    expect(passAt(8, { right: 1, asked: 4 })).toBeNaN();
    expect(headroom([{ group: 'a', right: 1, asked: 4 }], 8).groups).toBe(0);
  });
});

describe('errorKind (methods M10)', () => {
  const kind = (expected: string, given: string, score = 0, repaired = 0) =>
    errorKind({ expected, given, score, repaired });

  it.each([
    ['wording', kind('7', '```7```', 0, 1)],
    ['wording', kind('red square', 'Red, square!')],
    ['extras', kind('7', 'The digit is 7, and there is a cat.')],
    ['length', kind('a red square and a blue circle', 'a red square')],
    ['nearMiss', kind('a red square', 'a blue square', 0.5, 0.5)],
    ['content', kind('7', '3')],
    ['content', kind('7', '')],
    ['content', kind('7', '77')],
    ['content', kind('7', '-7')],
    ['content', kind('12.5', '12')],
    ['extras', kind('-7', 'It is -7, or 8.')],
    ['wording', kind('2 - 3', '2-3')],
    ['wording', kind('12.5', '12.5.')],
  ])('%s', (wanted, told) => expect(told).toBe(wanted));
});

const errors = { wording: 60, extras: 20, length: 0, nearMiss: 10, content: 10 };
const figures: AlignFigures = {
  unsound: null,
  headroom: headroom([...sampled(60, 8), ...sampled(40, 3)], 8),
  tries: 8,
  errors,
  pairs: 400,
};
const limits = { minimumPairs: 300, minimumGain: 0.05, minimumShare: 0.5 };

describe('whenToAlign (R3)', () => {
  it('aligns a sound model whose right answers are in reach', () => {
    expect(whenToAlign(figures, limits)).toMatchObject({
      verdict: 'align',
      reason: expect.stringContaining('PPO is never used'),
      evidence: { passOne: 0.75, passMany: 1, ppo: 'never' },
    });
  });

  it.each([
    ['sound tuning', { unsound: 'no checkpoint was inside the generic budget' }],
    ['right answers in reach', { headroom: headroom([...sampled(90, 8), ...sampled(10, 0)], 8) }],
    ['right answers in reach', { headroom: headroom([...sampled(98, 8), ...sampled(2, 7)], 8) }],
    ['errors that preferences mend', { errors: { ...errors, content: 200 } }],
    ['errors that preferences mend', { errors: { wording: 0, extras: 0, length: 0, nearMiss: 0, content: 0 } }],
    ['pairs', { pairs: 299 }],
  ])('names %s where that is missing', (missing, change) => {
    const decision = whenToAlign({ ...figures, ...change }, limits);
    expect(decision).toMatchObject({ verdict: 'stay', evidence: { missing } });
    expect(decision.reason).toContain('PPO is never used');
  });

  it('names everything that is missing', () => {
    expect(whenToAlign({ ...figures, unsound: 'ill', pairs: 0 }, limits).evidence['missing']).toBe(
      'sound tuning, pairs',
    );
  });

  it('cannot tell from few groups or none', () => {
    for (const few of [sampled(9, 4), []])
      expect(whenToAlign({ ...figures, headroom: headroom(few, 8) }, limits)).toMatchObject({
        verdict: 'cannotTell',
        settles: expect.stringContaining('10 groups'),
      });
  });
});

const stopLimits: AlignStopLimits = {
  genericBudget: 0.05,
  genericFloor: 0.02,
  likelihoodFall: 0.1,
  likelihoodFloor: 0.1,
  accuracy: 0.95,
  minimumEffect: 0.005,
  growth: 0.15,
};

interface Told extends Partial<PreferenceFigures> {
  generic?: number;
  score?: number;
}

function points(...told: Told[]): EvaluationPoint[] {
  return told.map(({ generic = 1, score = 0.8, ...preferences }, step) => ({
    step,
    epoch: step,
    losses: { validation: 0.5, generic },
    standardErrors: {},
    exact: { validation: score },
    preferences: { pairs: 50, loss: 0.6, accuracy: 0.7, margin: 0.1, chosen: -5, rejected: -6, ...preferences },
  }));
}

describe('bestPoint (R3)', () => {
  const stepOf = (told: Told[], over: object = {}) =>
    bestPoint(
      points(...told).map((point, index) => ({ ...point, ...(index === 1 ? over : {}) })),
      stopLimits,
    );
  const told = [{}, { score: 0.9 }, { score: 0.85 }];

  it('is the best score inside the generic budget, the earlier of ties', () => {
    expect(stepOf(told)).toBe(1);
    expect(stepOf([{}, { score: 0.9, generic: 1.2 }, { score: 0.85 }])).toBe(2);
    expect(stepOf([{}, {}, {}])).toBe(1);
    expect(stepOf([{}])).toBeNull();
  });

  it('is none whose generic loss is no number, or not known where it is guarded', () => {
    for (const generic of [null, Number.NaN]) expect(stepOf(told, { losses: { validation: 0.5, generic } })).toBe(2);
    expect(stepOf(told, { losses: { validation: 0.5 } })).toBe(2);
    const unguarded = points(...told).map((point) => ({ ...point, losses: { validation: 0.5 } }));
    expect(bestPoint(unguarded, stopLimits)).toBe(1);
  });

  it('is none without a first generic loss to hold the others against', () => {
    const [first, ...others] = points(...told);
    const lost = [{ ...first, losses: { validation: 0.5, generic: null } }, ...others] as EvaluationPoint[];
    expect(bestPoint(lost, stopLimits)).toBeNull();
  });

  it('is none whose score is no number', () => {
    expect(stepOf(told, { exact: { validation: Number.NaN } })).toBe(2);
  });
});

describe('alignStop (R3, methods M10)', () => {
  it('goes on while nothing is wrong', () => {
    expect(alignStop(points({}, { score: 0.82 }, { score: 0.84 }), stopLimits).verdict).toBe('continue');
    expect(alignStop([], stopLimits).verdict).toBe('continue');
  });

  it('stops a planted collapse of the likelihood, at the second evaluation and not at the first', () => {
    expect(alignStop(points({}, { chosen: -5.6 }), stopLimits).verdict).toBe('continue');
    expect(alignStop(points({}, { chosen: -5.6 }, { chosen: -5.2 }), stopLimits).verdict).toBe('continue');
    expect(alignStop(points({}, { chosen: -5.6 }, { chosen: -6 }), stopLimits)).toMatchObject({
      verdict: 'stop',
      cause: 'likelihoodFell',
    });
  });

  it('takes a share of a log-probability near zero for noise', () => {
    const near = points({ chosen: -0.02 }, { chosen: -0.04 }, { chosen: -0.05 });
    expect(alignStop(near, stopLimits).verdict).toBe('continue');
  });

  it('stops where only the pairs are learnt', () => {
    const flat = points({}, { accuracy: 0.9 }, { accuracy: 0.97 });
    expect(alignStop(flat, stopLimits).cause).toBe('noMoreToLearn');
    const rising = points({}, { score: 0.85 }, { accuracy: 0.97, score: 0.9 });
    expect(alignStop(rising, stopLimits).verdict).toBe('continue');
  });

  it('stops once the generic loss is over its budget twice', () => {
    expect(alignStop(points({}, {}, { generic: 1.2 }), stopLimits).verdict).toBe('continue');
    expect(alignStop(points({}, { generic: 1.2 }, { generic: 1.2 }), stopLimits).cause).toBe('genericBudgetSpent');
  });

  it('stops where answers lose their form or grow', () => {
    const before = { validity: shareOf(98, 100), length: 10 };
    const judge = (after: typeof before) => alignStop(points({}, {}), stopLimits, { before, after }).cause;
    expect(judge({ validity: shareOf(80, 100), length: 10 })).toBe('validityFell');
    expect(judge({ validity: shareOf(98, 100), length: 12 })).toBe('longer');
    expect(judge({ validity: shareOf(97, 100), length: 11 })).toBeNull();
  });
});

describe('keepAligned (R3)', () => {
  const side = { validity: shareOf(98, 100), length: 10 };
  const gain = (mean: number, half: number) => ({ mean, lower: mean - half, upper: mean + half, n: 100 });
  const judge = (difference: ReturnType<typeof gain>, after = side, groups = 100) =>
    keepAligned({ difference, groups, before: side, after }, { growth: 0.15 }).verdict;

  it('keeps a sure gain and nothing else', () => {
    expect(judge(gain(0.05, 0.02))).toBe('aligned');
    expect(judge(gain(0.05, 0.06))).toBe('supervised');
    expect(judge(gain(-0.05, 0.01))).toBe('supervised');
  });

  it('takes no gain for a lost form or for longer answers', () => {
    expect(judge(gain(0.05, 0.02), { ...side, validity: shareOf(80, 100) })).toBe('supervised');
    expect(judge(gain(0.05, 0.02), { ...side, length: 12 })).toBe('supervised');
  });

  it('cannot tell from few groups', () => {
    expect(judge(gain(0.5, 0.1), side, 9)).toBe('cannotTell');
    expect(judge(gain(Number.NaN, 0.1), side)).toBe('cannotTell');
  });
});
