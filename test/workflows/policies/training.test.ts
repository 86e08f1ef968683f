import { enoughToRepeat } from '../../../workflows/policies/enoughToRepeat.js';
import { pickLearningRate, type Trial } from '../../../workflows/policies/pickLearningRate.js';
import { type MixCandidate, pickMix } from '../../../workflows/policies/pickMix.js';
import { planRefusals } from '../../../workflows/policies/planRefusals.js';
import { sanityVerdict } from '../../../workflows/policies/sanityVerdict.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { evaluationOf, pointsOf, shareOf } from './builders.js';

describe('sanityVerdict (R9, methods M5)', () => {
  const limits = { ceiling: 0.9, floor: 0.8, conflictShare: 0 };
  const scored = (right: number, n: number) => evaluationOf({ score: shareOf(right, n) });

  it('says whether the training set can be repeated, from both bounds', () => {
    expect(sanityVerdict(scored(198, 200), null, limits, 0.1).verdict).toBe('canRepeat');
    expect(sanityVerdict(scored(140, 200), null, limits, 0.1).verdict).toBe('cannotRepeat');
    expect(sanityVerdict(scored(176, 200), null, limits, 0.1)).toMatchObject({
      verdict: 'cannotTell',
      settles: expect.stringContaining('More epochs (sanity.epochs)'),
    });
  });

  it('expects no more than contradicting answers allow', () => {
    expect(sanityVerdict(scored(160, 200), null, { ...limits, conflictShare: 0.2 }, 0.1).verdict).toBe('canRepeat');
  });

  it('says bad data when the set is memorised but new pictures stay at chance (case 31 c)', () => {
    const decision = sanityVerdict(scored(200, 200), scored(24, 100), limits, 0.25);
    expect(decision.verdict).toBe('data:wrongImage');
    expect(decision.reason).toContain('bad data');
    expect(sanityVerdict(scored(200, 200), scored(60, 100), limits, 0.25).verdict).toBe('canRepeat');
    expect(sanityVerdict(scored(200, 200), scored(1, 5), limits, 0.25).verdict).toBe('canRepeat');
  });

  it('cannot tell from too few or lost answers', () => {
    expect(sanityVerdict(scored(0, 0), null, limits, 0.1).verdict).toBe('cannotTell');
    expect(sanityVerdict(evaluationOf({ score: shareOf(198, 200), excluded: 20 }), null, limits, 0.1).verdict).toBe(
      'cannotTell',
    );
  });
});

describe('enoughToRepeat (R9)', () => {
  const limits = { set: 'train', loss: 0.03 };
  const progress = (train: number[]) => ({ step: 0, evaluations: pointsOf({ train }) });

  it('ends the run at two low points in a row, not at one', () => {
    expect(enoughToRepeat(progress([1, 0.02, 0.03]), limits).verdict).toBe('stop');
    expect(enoughToRepeat(progress([1, 0.02]), limits).verdict).toBe('continue');
    expect(enoughToRepeat(progress([0.02, 0.02, 0.05]), limits).verdict).toBe('continue');
    expect(enoughToRepeat(progress([Number.NaN, Number.NaN]), limits).verdict).toBe('continue');
    expect(enoughToRepeat({ step: 0, evaluations: [] }, limits).verdict).toBe('continue');
  });
});

describe('pickLearningRate (R10, methods M6)', () => {
  const grid = [5e-4, 1e-3, 2e-3];
  const limits = { grid, minimumEffect: 0.01, extendAtEdge: true, extensions: 0 };
  const trialOf = (learningRate: number, loss: number | null, rest: Partial<Trial> = {}): Trial => ({
    name: `sweep/${learningRate}`,
    learningRate,
    loss,
    standardError: 0.001,
    exact: null,
    genericLoss: null,
    failed: null,
    ...rest,
  });
  const losses = (...values: (number | null)[]) => grid.map((rate, i) => trialOf(rate, values[i] ?? null));

  it('takes the lowest validation loss', () => {
    expect(pickLearningRate(losses(0.5, 0.3, 0.4), limits)).toMatchObject({ verdict: 'chosen', learningRate: 1e-3 });
  });

  it('finds a planted best through noise', () => {
    let found = 0;
    for (let run = 0; run < 200; run++) {
      const random = uniformFrom(run + 1);
      const noisy = [0.5, 0.3, 0.4].map((loss) => loss + 0.04 * (random() - 0.5));
      if (pickLearningRate(losses(...noisy), limits).learningRate === 1e-3) found += 1;
    }
    expect(found).toBe(200);
  });

  it('gives a tie to less generic loss, then to the lower rate', () => {
    const tied = [
      trialOf(5e-4, 0.305, { standardError: 0.01, genericLoss: 1.2 }),
      trialOf(1e-3, 0.3, { standardError: 0.01, genericLoss: 1.1 }),
      trialOf(2e-3, 0.302, { genericLoss: 1 }),
    ];
    expect(pickLearningRate(tied, limits)).toMatchObject({ verdict: 'chosen', learningRate: 2e-3 });
    expect(
      pickLearningRate(
        tied.map((trial) => ({ ...trial, genericLoss: null })),
        limits,
      ).learningRate,
    ).toBe(5e-4);
  });

  it('extends the grid by its own ratio when the best lies at an edge, and then concludes', () => {
    expect(pickLearningRate(losses(0.5, 0.4, 0.3), limits)).toMatchObject({ verdict: 'extend', learningRate: 4e-3 });
    expect(pickLearningRate(losses(0.3, 0.4, 0.5), limits)).toMatchObject({ verdict: 'extend', learningRate: 2.5e-4 });
    expect(
      pickLearningRate([...losses(0.5, 0.4, 0.3), trialOf(4e-3, 0.6)], { ...limits, extensions: 1 }),
    ).toMatchObject({ verdict: 'chosen', learningRate: 2e-3 });
    for (const concluded of [{ extendAtEdge: false }, { extensions: 2 }])
      expect(pickLearningRate(losses(0.5, 0.4, 0.3), { ...limits, ...concluded })).toMatchObject({
        verdict: 'chosen',
        learningRate: 2e-3,
      });
  });

  it('never chooses a failed trial, but takes it as the bound of the grid', () => {
    const trials = [trialOf(5e-4, 0.5), trialOf(1e-3, 0.4), trialOf(2e-3, 0.1, { failed: 'NaN' })];
    expect(pickLearningRate(trials, limits)).toMatchObject({
      verdict: 'chosen',
      learningRate: 1e-3,
      evidence: { failed: 1 },
    });
    expect(
      pickLearningRate(
        trials.map((trial) => ({ ...trial, failed: 'NaN' })),
        limits,
      ),
    ).toMatchObject({ verdict: 'noneWorked', learningRate: null });
    expect(pickLearningRate([], limits).verdict).toBe('noneWorked');
    expect(pickLearningRate([trialOf(1e-3, Number.NaN)], limits).verdict).toBe('noneWorked');
  });

  it('does not extend a grid of one, which has no ratio', () => {
    expect(pickLearningRate([trialOf(1e-3, 0.3)], { ...limits, grid: [1e-3] }).verdict).toBe('chosen');
  });
});

describe('pickMix (R12, methods M8)', () => {
  const mixOf = (genericAfter: number | null, generic: number, rest: Partial<MixCandidate> = {}): MixCandidate => ({
    business: 10,
    generic,
    genericExcess: null,
    genericBefore: genericAfter === null ? null : 0.8,
    genericAfter,
    stopped: false,
    ...rest,
  });

  it('takes the first ratio inside the budget', () => {
    expect(pickMix([mixOf(0.78, 1)], { budget: 0.05, more: true })).toMatchObject({
      verdict: 'insideBudget',
      chosen: 0,
    });
    expect(pickMix([mixOf(0.7, 1), mixOf(0.76, 2)], { budget: 0.05, more: true })).toMatchObject({
      verdict: 'insideBudget',
      chosen: 1,
    });
  });

  it('tries the next while there is one, then takes the one that lost least', () => {
    expect(pickMix([mixOf(0.5, 1)], { budget: 0.05, more: true })).toMatchObject({ verdict: 'tryNext', chosen: null });
    expect(pickMix([mixOf(0.5, 1), mixOf(0.7, 2), mixOf(0.6, 3)], { budget: 0.05, more: false })).toMatchObject({
      verdict: 'noneInside',
      chosen: 1,
    });
  });

  it('names both sides of a ratio, and needs no generic data at all', () => {
    const decision = pickMix([mixOf(null, 0)], { budget: 0.05, more: false });
    expect(decision).toMatchObject({ verdict: 'noneInside', chosen: 0 });
    expect(decision.reason).toContain('10 business : 0 generic');
    expect(pickMix([], { budget: 0.05, more: false }).chosen).toBeNull();
  });

  it('says what the ratio is in answer tokens, where that is another one by more than three times', () => {
    const told = (generic: number) =>
      pickMix([mixOf(0.78, 1, { answerTokens: { business: 1000, generic } })], { budget: 0.05, more: true });
    expect(told(2000)).toMatchObject({
      reason: expect.stringContaining('In answer tokens it is 10 business : 20 generic.'),
      evidence: { businessTokens: 1000, genericTokens: 2000, tokensOverRecords: expect.closeTo(20) },
    });
    expect(told(20).reason).toContain('10 business : 0.2 generic');
    for (const near of [250, 40, 0]) expect(told(near).reason).not.toContain('In answer tokens');
  });

  it('cannot lose what was not there', () => {
    expect(pickMix([mixOf(0, 1, { genericBefore: 0 })], { budget: 0.05, more: true }).verdict).toBe('insideBudget');
  });
});

describe('planRefusals', () => {
  const trainer = {
    name: 'local',
    version: '1',
    methods: ['full' as const],
    packing: false,
    namedEvaluationSets: true,
    perItemLosses: true,
    layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 2 },
    devices: ['cpu'],
  };
  const plan = {
    method: 'full' as const,
    packing: false,
    layout: { tensor: 1, pipeline: 1, data: 1 },
    evaluationSets: 2,
  };

  it('has nothing against a plan that the trainer can do', () => expect(planRefusals(trainer, plan)).toEqual([]));

  it('names the command that installs a tracker which is not there', () => {
    expect(planRefusals({ ...trainer, trackers: ['mlflow'] }, { ...plan, trackers: ['mlflow', 'wandb'] })).toEqual([
      'wandb is not installed beside local: docs/trackers.md says how.',
    ]);
  });

  it('refuses more evaluations than can be judged together, before anything is trained', () => {
    expect(planRefusals(trainer, { ...plan, evaluations: 250 })).toEqual([]);
    expect(planRefusals(trainer, { ...plan, evaluations: 20 * 15 })).toEqual([
      expect.stringContaining('300 evaluations of one training; 250 can be'),
    ]);
  });

  it('gives one reason for each thing that it cannot', () => {
    const asked = {
      method: 'dpo' as const,
      packing: true,
      layout: { tensor: 2, pipeline: 1, data: 4 },
      evaluationSets: 2,
    };
    expect(planRefusals({ ...trainer, namedEvaluationSets: false }, asked)).toHaveLength(5);
  });
});
