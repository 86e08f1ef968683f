import { SweepSettings } from '../../../../config/sweep.js';
import { fitBudget } from '../../../../workflows/policies/sweep/budget.js';
import { chooseTrial, contenders } from '../../../../workflows/policies/sweep/choose.js';
import { judgeNoise, seedNoise } from '../../../../workflows/policies/sweep/noise.js';
import { overtaken } from '../../../../workflows/policies/sweep/overtaken.js';
import { promote } from '../../../../workflows/policies/sweep/promote.js';
import { mostPasses, planRungs } from '../../../../workflows/policies/sweep/rungs.js';
import { distinctTunings, proposeTunings, ratesBesideOf } from '../../../../workflows/policies/sweep/space.js';
import { outcomeOf, outcomesOf, tuning } from './builders.js';

describe('proposeTunings (R10, methods M6)', () => {
  const space = SweepSettings.parse({ batchSizes: [8, 16, 32], loraRanks: [16, 64], rateSpread: 2 });
  const proposed = (over: object = {}, count = 200, seed = 1) =>
    proposeTunings({ ...space, ...over }, { centre: tuning, count, seed });

  it('proposes the same trials for the same seed, and others for another', () => {
    expect(proposed()).toEqual(proposed());
    expect(proposed({}, 5, 2)).not.toEqual(proposed({}, 5, 1));
  });

  it('keeps rates within the spread of the best one, which grows with the root of the batch', () => {
    for (const { learningRate, batchSize } of proposed()) {
      const factor = learningRate / (tuning.learningRate * Math.sqrt(batchSize / tuning.batchSize));
      expect(factor).toBeGreaterThan(0.495);
      expect(factor).toBeLessThan(2.02);
    }
  });

  it.each(['sequence', 'random'])('draws every value of every list (%s)', (proposals) => {
    const trials = proposed({ proposals }, 27);
    expect([...new Set(trials.map(({ batchSize }) => batchSize))].sort((a, b) => a - b)).toEqual([8, 16, 32]);
    expect(new Set(trials.map(({ loraRank }) => loraRank))).toEqual(new Set([null]));
    const lora = proposeTunings(space, { centre: { ...tuning, loraRank: 16 }, count: 27, seed: 1 });
    expect(new Set(lora.map(({ loraRank }) => loraRank))).toEqual(new Set([16, 64]));
  });

  it('fills the rates more evenly by the sequence than at random', () => {
    const largestGap = (proposals: string, seed: number) => {
      const logs = proposed({ proposals, batchSizes: [] }, 20, seed).map(({ learningRate }) => Math.log(learningRate));
      const sorted = logs.toSorted((a, b) => a - b);
      return Math.max(...sorted.slice(1).map((log, index) => log - (sorted[index] ?? log)));
    };
    const mean = (proposals: string) =>
      Array.from({ length: 20 }, (_, seed) => largestGap(proposals, seed + 1)).reduce((a, b) => a + b) / 20;
    expect(mean('sequence')).toBeLessThan(0.6 * mean('random'));
  });

  it('leaves at its default what is not searched', () => {
    for (const each of proposed({ batchSizes: [], warmupRatios: [] }, 9))
      expect(each).toMatchObject({ batchSize: 16, loraRank: null, warmupRatio: 0.03 });
    expect(proposed().every((each) => !('freeze' in each))).toBe(true);
    expect(proposed({}, 0)).toEqual([]);
    expect(proposed({}, -2)).toEqual([]);
  });
});

describe('distinctTunings (R10)', () => {
  const distinct = (over: object, count: number) =>
    distinctTunings(SweepSettings.parse(over), { centre: tuning, count, seed: 1 });

  it('proposes each setting once, and never that of the centre again', () => {
    const trials = distinct({ batchSizes: [8, 16, 32], warmupRatios: [0, 0.03] }, 27);
    expect(trials).toHaveLength(5);
    expect(new Set(trials.map(({ batchSize, warmupRatio }) => `${batchSize} ${warmupRatio}`)).size).toBe(5);
    for (const { learningRate, batchSize } of trials)
      expect(learningRate / (tuning.learningRate * Math.sqrt(batchSize / 16))).toBeCloseTo(1, 2);
  });

  it('proposes as many as it is told where there are more, and none where nothing is searched', () => {
    expect(distinct({ batchSizes: [8, 16, 32, 64, 128] }, 3)).toHaveLength(3);
    expect(distinct({ batchSizes: [8, 16, 32], rateSpread: 2 }, 27)).toHaveLength(27);
    expect(distinct({}, 27)).toEqual([]);
    expect(distinct({ batchSizes: [8, 16] }, 0)).toEqual([]);
  });
});

describe('ratesBesideOf (R10)', () => {
  it('goes a third of the grid’s step down and up', () => {
    expect(ratesBesideOf(2e-5, { learningRates: [8e-5, 1e-5] })).toEqual([1e-5, 4e-5]);
    expect(ratesBesideOf(1e-5, { learningRates: [5e-6, 1e-5, 2e-5, 4e-5] })).toEqual([7.94e-6, 1.26e-5]);
  });

  it('knows no step of a single rate', () => {
    expect(ratesBesideOf(1e-5, { learningRates: [1e-5] })).toEqual([]);
  });
});

describe('proposeTunings of what only some sweeps search (R10)', () => {
  const centre = { ...tuning, loraRank: 16 };
  const lists = { batchSizes: [8, 16, 32], loraRanks: [16, 64], warmupRatios: [0, 0.1], rateSpread: 2 };
  const proposed = (over: object = {}) =>
    proposeTunings(SweepSettings.parse({ ...lists, ...over }), { centre, count: 4, seed: 1 });
  const asEver = [
    { learningRate: 1.38e-4, batchSize: 32, loraRank: 16, warmupRatio: 0.1 },
    { learningRate: 8.02e-5, batchSize: 16, loraRank: 64, warmupRatio: 0 },
    { learningRate: 4.65e-5, batchSize: 8, loraRank: 16, warmupRatio: 0.1 },
    { learningRate: 7.62e-5, batchSize: 32, loraRank: 16, warmupRatio: 0 },
  ];

  it('proposes what it always did where they are not searched', () => {
    expect(proposed()).toEqual(asEver);
  });

  it('gives all trials the only choice, and moves nothing else', () => {
    expect(proposed({ freeze: [['vision']] })).toEqual(asEver.map((each) => ({ ...each, freeze: ['vision'] })));
  });

  it('draws settings of experts for models that have some', () => {
    const trials = proposeTunings(SweepSettings.parse({ activeExperts: [4, 8], routerLoss: [0, 0.001, 0.01] }), {
      centre: tuning,
      count: 30,
      seed: 1,
    });
    expect(new Set(trials.map(({ activeExperts }) => activeExperts))).toEqual(new Set([4, 8]));
    expect(new Set(trials.map(({ routerLoss }) => routerLoss))).toEqual(new Set([0, 0.001, 0.01]));
  });

  it('draws each choice as often as the others', () => {
    const freeze = [[], ['vision'], ['vision', 'projector']];
    const trials = proposeTunings(SweepSettings.parse({ freeze }), { centre: tuning, count: 30, seed: 1 });
    const counts = freeze.map((parts) => trials.filter((each) => String(each.freeze) === String(parts)).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(8);
  });
});

describe('proposeTunings by full tuning and by LoRA (R10, methods M6)', () => {
  const lists = { loraRanks: [16, 64], freeze: [['vision'], ['projector']], methods: ['full', 'lora'], rateSpread: 2 };
  const proposed = (over: object, centre = {}, count = 40) =>
    proposeTunings(SweepSettings.parse({ ...lists, ...over }), {
      centre: { ...tuning, method: 'full', freeze: [], ...centre },
      count,
      seed: 1,
    });
  const by = (method: string, trials: ReturnType<typeof proposed>) => trials.filter((each) => each.method === method);

  it('draws both about as often', () => {
    expect(by('full', proposed({})).length).toBeGreaterThanOrEqual(15);
    expect(by('lora', proposed({})).length).toBeGreaterThanOrEqual(15);
  });

  it('draws ranks for LoRA alone, and frozen parts for full tuning alone', () => {
    const trials = proposed({});
    expect(new Set(by('full', trials).map(({ loraRank }) => loraRank))).toEqual(new Set([null]));
    expect(new Set(by('lora', trials).map(({ loraRank }) => loraRank))).toEqual(new Set([16, 64]));
    expect(new Set(by('full', trials).map(({ freeze }) => String(freeze)))).toEqual(new Set(['vision', 'projector']));
    expect(new Set(by('lora', trials).map(({ freeze }) => String(freeze)))).toEqual(new Set(['']));
    expect(new Set(by('lora', proposed({ loraRanks: [] })).map(({ loraRank }) => loraRank))).toEqual(new Set([16]));
  });

  it.each([
    ['full', 'lora', 10],
    ['lora', 'full', 0.1],
  ] as const)(
    'expects the best rate of the other method at ten times that of full tuning (%s to %s)',
    (own, other, factor) => {
      const centre = { method: own, loraRank: own === 'lora' ? 16 : null };
      const trials = proposed({}, centre);
      const factors = (method: string) =>
        by(method, trials).map(({ learningRate }) => learningRate / tuning.learningRate);
      for (const each of factors(own)) expect(Math.abs(Math.log2(each))).toBeLessThan(1.02);
      for (const each of factors(other)) expect(Math.abs(Math.log2(each / factor))).toBeLessThan(1.02);
    },
  );

  it('says by which method the taken trial was trained', () => {
    const taken = outcomeOf('trial-1', 0.3, { tuning: { ...tuning, method: 'lora', loraRank: 16 } });
    const { reason, evidence } = chooseTrial([taken], { minimumEffect: 0 });
    expect(reason).toContain('(LoRA, rate 0.0001, batch 16, rank 16');
    expect(evidence).toMatchObject({ method: 'lora', loraRank: 16 });
  });
});

describe('planRungs (R10, methods M6)', () => {
  const rungs = (trials: number, epochs = 9) => planRungs({ trials, epochs, eta: 3, finalists: 3 });

  it('has rungs at 1/9, 1/3 and all of the epochs for 27 trials: 63 passes rather than 243', () => {
    expect(rungs(27)).toEqual([
      { epochs: 1, quota: 27 },
      { epochs: 3, quota: 9 },
      { epochs: 9, quota: 3 },
    ]);
  });

  it('leaves out rungs that would have fewer than the finalists', () => {
    expect(rungs(9)).toEqual([
      { epochs: 3, quota: 9 },
      { epochs: 9, quota: 3 },
    ]);
    expect(rungs(8)).toEqual([{ epochs: 9, quota: 8 }]);
    expect(rungs(1)).toEqual([{ epochs: 9, quota: 1 }]);
    expect(rungs(243)).toHaveLength(3);
  });

  it('says what a sweep takes at most: two rates beside the best, soft rungs and all seeds', () => {
    const sweep = { learningRates: [1, 2, 3, 4], trials: 16, epochs: 9, eta: 3, finalists: 3, seeds: 3 };
    expect(mostPasses(sweep)).toBe(6 * 9 + (10 + 4 * 2 + 1 * 6) + 2 * (1 + 3 * 9));
    expect(mostPasses({ ...sweep, trials: 4, seeds: 1 })).toBe(4 * 9);
    expect(mostPasses({ ...sweep, trials: 6, seeds: 1 })).toBe(6 * 9);
  });
});

describe('overtaken (R10)', () => {
  const at = (learningRate: number, loss: number | null, rest: object = {}) =>
    outcomeOf(`rate-${learningRate}`, loss, { tuning: { ...tuning, learningRate }, ...rest });
  const noise = { sd: 0.01, loss: 1 };

  it('names the rates that a lower one is surely ahead of, never one that is slow', () => {
    const fates = overtaken([at(1, 1), at(2, 0.9), at(4, 0.92), at(8, 1.4)], noise);
    expect(Object.keys(fates)).toEqual(['rate-8']);
    expect(fates['rate-8']).toBe('left: 2 is already 0.5 ahead of it, and a lower rate only gains with length');
  });

  it('takes two standard errors of the difference by the noise at these losses', () => {
    expect(Object.keys(overtaken([at(1, 1), at(2, 1.027)], noise))).toEqual([]);
    expect(Object.keys(overtaken([at(1, 1), at(2, 1.03)], noise))).toEqual(['rate-2']);
    expect(Object.keys(overtaken([at(1, 0.1), at(2, 0.104)], noise))).toEqual(['rate-2']);
  });

  it('leaves none where the noise is not known, and looks at none that failed', () => {
    expect(overtaken([at(1, 1), at(2, 9)], null)).toEqual({});
    expect(overtaken([at(1, 1), at(2, 9)], { sd: null, loss: null })).toEqual({});
    expect(overtaken([at(1, 1, { failed: 'diverged' }), at(2, 9), at(4, null)], noise)).toEqual({});
  });
});

describe('promote (R10, methods M6)', () => {
  const losses = [0.5, 0.3, 0.31, 0.4, 0.32, 0.6, 0.7, 0.8, 0.33];

  it('promotes the quota of the lowest losses, and says of each trial why', () => {
    const { promoted, fates, verdict } = promote(outcomesOf(losses), { quota: 3, noise: null });
    expect(verdict).toBe('promoted');
    expect(promoted.map(({ trial }) => trial)).toEqual(['trial-2', 'trial-3', 'trial-5']);
    expect(fates['trial-2']).toContain('place 1 of 3');
    expect(fates['trial-9']).toContain('0.01 behind the cut');
    expect(Object.keys(fates)).toHaveLength(losses.length);
  });

  it('is softer by one standard deviation between seeds, and at most half as many again', () => {
    const names = (sd: number) => promote(outcomesOf(losses), { quota: 3, noise: { sd, loss: null } }).promoted.length;
    expect([names(0.005), names(0.0101), names(10)]).toEqual([3, 4, 4]);
    expect(promote(outcomesOf(losses), { quota: 4, noise: { sd: 10, loss: null } }).promoted).toHaveLength(6);
  });

  it('takes the noise for a share of the loss it was measured at', () => {
    const softly = (loss: number) => promote(outcomesOf(losses), { quota: 3, noise: { sd: 0.1, loss } }).evidence;
    expect(softly(0.32)).toMatchObject({ soft: 1, seedSd: 0.1 });
    expect(softly(3)).toMatchObject({ soft: 1, seedSd: expect.closeTo(0.032 / 3, 9) });
    expect(softly(6.4)).toMatchObject({ soft: 0, seedSd: expect.closeTo(0.005, 9) });
  });

  it('never promotes a failed trial, however low its last loss was', () => {
    const table = [
      outcomeOf('trial-1', 0.01, { failed: 'memory: out of it' }),
      ...outcomesOf([0.5]).map((each) => ({ ...each, trial: 'trial-2' })),
    ];
    const { promoted, fates, evidence } = promote(table, { quota: 2, noise: { sd: 1, loss: null } });
    expect(promoted.map(({ trial }) => trial)).toEqual(['trial-2']);
    expect(fates['trial-1']).toContain('memory');
    expect(evidence).toMatchObject({ failed: 1, promoted: 1 });
  });

  it('gives equal promotions for the same table in another order', () => {
    const one = promote(outcomesOf([0.3, 0.3, 0.3, 0.4]), { quota: 2, noise: null });
    const other = promote(outcomesOf([0.3, 0.3, 0.3, 0.4]).reverse(), { quota: 2, noise: null });
    expect(one.promoted.map(({ trial }) => trial)).toEqual(['trial-1', 'trial-2']);
    expect(other.promoted).toEqual(one.promoted);
  });

  it.each([[[]], [[null, Number.NaN]]])('promotes none of %j', (table) => {
    expect(promote(outcomesOf(table), { quota: 3, noise: { sd: 0.1, loss: null } })).toMatchObject({
      verdict: 'noneWorked',
      promoted: [],
    });
  });
});

describe('seedNoise (methods M6)', () => {
  it('pools the deviations of several trials from their own means', () => {
    const table = [
      outcomeOf('trial-1', 0.3),
      outcomeOf('trial-1', 0.32, { seed: 2 }),
      outcomeOf('trial-2', 0.5),
      outcomeOf('trial-2', 0.52, { seed: 2 }),
    ];
    expect(seedNoise(table).sd).toBeCloseTo(0.0141, 4);
    expect(seedNoise(table)).toMatchObject({ freedom: 2, loss: expect.closeTo(0.41, 9) });
  });

  it('cannot tell from one seed that works', () => {
    const table = [outcomeOf('trial-1', 0.3), outcomeOf('trial-1', null, { seed: 2, failed: 'memory' })];
    expect(judgeNoise(table)).toMatchObject({ verdict: 'cannotTell', sd: null, settles: expect.any(String) });
    expect(judgeNoise([]).verdict).toBe('cannotTell');
  });
});

describe('fitBudget (R10, methods M6)', () => {
  const wanted = [10, 10, 10].map((steps) => ({ steps, seconds: 360 }));
  const spent = { steps: 25, seconds: 360 };

  it('bears all without a limit, and the first ones within it', () => {
    expect(fitBudget(wanted, spent, { steps: 0, hours: 0 })).toMatchObject({ verdict: 'fits', allowed: 3 });
    expect(fitBudget(wanted, spent, { steps: 45, hours: 0 })).toMatchObject({ verdict: 'cut', allowed: 2 });
    expect(fitBudget(wanted, spent, { steps: 0, hours: 0.25 })).toMatchObject({ verdict: 'cut', allowed: 1 });
  });

  it('ends the sweep when not one more is borne, and never goes over', () => {
    const decision = fitBudget(wanted, spent, { steps: 30, hours: 9 });
    expect(decision).toMatchObject({ verdict: 'spent', allowed: 0 });
    expect(decision.reason).toContain('30 steps and 9 hours');
  });
});

describe('contenders and chooseTrial (R10, methods M6)', () => {
  it('asks for more seeds of those alone that are not surely behind', () => {
    const table = outcomesOf([0.3, 0.31, 0.4, 0.305]);
    const names = (seedSd: number | null) => contenders(table, { finalists: 3, seedSd }).map(({ trial }) => trial);
    expect(names(0.001)).toEqual(['trial-1']);
    expect(names(0.005)).toEqual(['trial-1', 'trial-4', 'trial-2']);
    expect(names(null)).toHaveLength(3);
  });

  const runs = (trial: string, losses: number[], rest: object = {}) =>
    losses.map((loss, index) => outcomeOf(trial, loss, { seed: index + 1, ...rest }));

  it('chooses by the mean over seeds rather than by the luckiest one', () => {
    const table = [...runs('trial-1', [0.29, 0.33, 0.33]), ...runs('trial-2', [0.3, 0.3, 0.3])];
    const { chosen, reason } = chooseTrial(table, { minimumEffect: 0 });
    expect(chosen?.trial).toBe('trial-2');
    expect(reason).toContain('3 seeds');
  });

  it('takes no trial of which a seed failed while another worked', () => {
    const shaky = runs('trial-1', [0.2, 0.2, 0.2]).map((each) => (each.seed > 1 ? { ...each, failed: 'NaN' } : each));
    const table = [...shaky, ...runs('trial-2', [0.3, 0.3, 0.3])];
    expect(chooseTrial(table, { minimumEffect: 0 }).chosen?.trial).toBe('trial-2');
    expect(chooseTrial(shaky, { minimumEffect: 0 }).chosen?.trial).toBe('trial-1');
  });

  it('gives a tie to less generic loss, then to fewer steps', () => {
    const close = (generic: [number | null, number | null], steps: [number, number]) =>
      chooseTrial(
        [
          ...runs('trial-1', [0.3, 0.31, 0.3], { genericLoss: generic[0], steps: steps[0] }),
          ...runs('trial-2', [0.301, 0.311, 0.301], { genericLoss: generic[1], steps: steps[1] }),
        ],
        { minimumEffect: 0 },
      ).chosen?.trial;
    expect(close([1, 0.9], [1, 2])).toBe('trial-2');
    expect(close([null, null], [2, 1])).toBe('trial-2');
    expect(close([null, null], [1, 2])).toBe('trial-1');
  });

  it('leaves no tie between trials that differ beyond noise and beyond what counts', () => {
    const table = [
      ...runs('trial-1', [0.3, 0.301, 0.302], { genericLoss: 2 }),
      ...runs('trial-2', [0.32, 0.321, 0.322], { genericLoss: 1 }),
    ];
    expect(chooseTrial(table, { minimumEffect: 0.01 }).chosen?.trial).toBe('trial-1');
    expect(chooseTrial(table, { minimumEffect: 0.1 }).chosen?.trial).toBe('trial-2');
  });

  it('says what else the taken trial was trained with', () => {
    const frozen = (freeze: ('vision' | 'projector')[]) =>
      chooseTrial(runs('trial-1', [0.3], { tuning: { ...tuning, freeze } }), { minimumEffect: 0 });
    expect(frozen(['vision', 'projector'])).toMatchObject({
      reason: expect.stringContaining('warm-up 0.03, frozen: vision and projector)'),
      evidence: { freeze: 'vision and projector' },
    });
    expect(frozen([]).evidence).toMatchObject({ freeze: 'none' });
    const experts = runs('trial-1', [0.3], { tuning: { ...tuning, activeExperts: 4, routerLoss: 0 } });
    expect(chooseTrial(experts, { minimumEffect: 0 })).toMatchObject({
      reason: expect.stringContaining('warm-up 0.03, experts 4, router loss 0)'),
      evidence: { activeExperts: 4, routerLoss: 0 },
    });
    expect(chooseTrial(runs('trial-1', [0.3]), { minimumEffect: 0 }).reason).toContain('warm-up 0.03)');
  });

  it('falls back on the error over items where no seed was repeated', () => {
    const table = [
      outcomeOf('trial-1', 0.3, { standardError: 0.02, genericLoss: 2 }),
      outcomeOf('trial-2', 0.31, { genericLoss: 1 }),
    ];
    expect(chooseTrial(table, { minimumEffect: 0 }).chosen?.trial).toBe('trial-2');
  });

  it('chooses none of failed ones', () => {
    expect(chooseTrial([outcomeOf('trial-1', 0.1, { failed: 'NaN' })], { minimumEffect: 0 })).toMatchObject({
      verdict: 'noneWorked',
      chosen: null,
    });
    expect(chooseTrial([], { minimumEffect: 0 }).verdict).toBe('noneWorked');
  });
});
