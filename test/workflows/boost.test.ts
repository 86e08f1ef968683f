import { jest } from '@jest/globals';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { RecordedDecision } from '../../config/decisions.js';
import { RunProgress } from '../../config/progress.js';
import type { BoostResult } from '../../config/report.js';
import type { TrainingSpec } from '../../config/training.js';
import { decisionsQuery, overruleUpdate, progressQuery } from '../../workflows/run/messages.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';
import { overfitOf, soundStart, trainedFigures } from './policies/sanity/builders.js';
import { everythingWorks, type Script, scriptedActivities } from './scriptedActivities.js';

jest.setTimeout(240_000);

describe('boost', () => {
  let temporal: LocalTemporal;

  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(() => temporal.teardown());

  /** Runs boost with scripted figures; `act` may steer it meanwhile. */
  async function run(
    change: Partial<Script>,
    { input }: { input: unknown } = { input: { task: 'examples/digits' } },
    act: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
  ): Promise<{ result: BoostResult; calls: string[]; decisions: RecordedDecision[] }> {
    const calls: string[] = [];
    const activities = scriptedActivities({ ...everythingWorks, ...change }, calls);
    return temporal.run('boost', { args: input === undefined ? [] : [input], activities }, async (handle) => {
      await act(handle);
      const result = (await handle.result()) as BoostResult;
      expect(RunProgress.parse(await handle.query(progressQuery)).outcome).toBe(result.outcome);
      return { result, calls, decisions: await handle.query(decisionsQuery) };
    });
  }

  it.concurrent('stops at the prompt and trains nothing when the prompt is enough (R1)', async () => {
    const { result, calls } = await run({ promptScore: 0.97 });
    expect(result.outcome).toBe('promptEnough');
    expect(calls.filter((call) => call.startsWith('train'))).toEqual([]);
  });

  it.concurrent('follows the recipe in its order, and takes the first mix inside the budget (R8 to R16)', async () => {
    const { result, calls, decisions } = await run({});
    expect(result.outcome).toBe('tuned');
    expect(calls.filter((call) => call.startsWith('train'))).toEqual([
      'train sanity',
      'train sweep/0.0003',
      'train sweep/0.001',
      'train sweep/0.003',
      'train mix/10-1',
      'train mix/5-1',
      'train mix/1-1',
      'train coarse',
      'train fine',
    ]);
    expect(decisions.find(({ id }) => id === 'sweep')?.verdict).toBe('0.001');
    expect(decisions.find(({ id }) => id === 'mixGeneric')?.verdict).toBe('1 business : 1 generic');
  });

  const quick = {
    onQuestion: 'stop' as const,
    sweep: { learningRates: [3e-4, 1e-3, 3e-3] },
    align: { when: 'off' as const },
  };
  const fromMix = (calls: string[]) =>
    calls.filter((call) => /^(train (mix|coarse|fine)|average|write|answer \d)/.test(call));

  it.concurrent('averages with the base where a ratio loses too much, and again what the last stage ends at (R12)', async () => {
    const exported: string[] = [];
    const specs: TrainingSpec[] = [];
    const { result, calls, decisions } = await run({
      averageOf: (share) => ({ business: share === 0 ? 0 : 1, generic: 1 - share / 10 }),
      exported: (checkpoint) => exported.push(checkpoint),
      submitted: (spec) => specs.push(spec),
      settings: { ...quick, mix: { averaging: [0.9, 0.5] } },
    });
    expect(fromMix(calls)).toEqual([
      'train mix/10-1',
      'average mix/10-1',
      'train coarse',
      'train fine',
      'average fine',
      'write average 0.5 of fine',
    ]);
    expect(decisions.find(({ id }) => id === 'mixGeneric')?.verdict).toBe(
      '10 business : 1 generic, averaged with the base',
    );
    expect(decisions.find(({ id }) => id === 'trainStaged/average')?.verdict).toBe('share 0.5');
    const coarse = specs.find(({ key }) => key.includes('/coarse.'));
    expect(coarse).toMatchObject({ train: { mix: { business: 10, generic: 1 } } });
    expect(coarse?.model).toContain('/mix/10-1');
    expect(exported).toEqual(['file:///average-0.5']);
    expect(result.outcome).toBe('tuned');
  });

  it.concurrent('goes on to the next ratio where an average loses business, and averages nothing then (R12)', async () => {
    const { calls, decisions } = await run({ averageOf: (share) => ({ business: share, generic: 1 - share / 10 }) });
    expect(fromMix(calls)).toEqual([
      'train mix/10-1',
      'average mix/10-1',
      'train mix/5-1',
      'average mix/5-1',
      'train mix/1-1',
      'train coarse',
      'train fine',
    ]);
    expect(decisions.find(({ id }) => id === 'mixGeneric/10-1')?.reason).toContain('too little business');
    expect(decisions.find(({ id }) => id === 'mixGeneric')?.verdict).toBe('1 business : 1 generic');
  });

  it.concurrent('leaves the tuned model as it is where no average of the last stage keeps both (R12)', async () => {
    const exported: string[] = [];
    const { calls, decisions } = await run({
      averageOf: (share, name) => ({ business: name.startsWith('mix') ? 1 : share, generic: 1 - share / 10 }),
      exported: (checkpoint) => exported.push(checkpoint),
    });
    expect(fromMix(calls).slice(-2)).toEqual(['train fine', 'average fine']);
    expect(decisions.find(({ id }) => id === 'trainStaged/average')?.verdict).toBe('share 1');
    expect(exported[0]).toContain('/fine.');
  });

  it.concurrent('trains the stages between in their order, each from the one before, and none of no epoch (R14, R15)', async () => {
    const specs: TrainingSpec[] = [];
    const between = [
      { name: 'sound', epochs: 2, rateFactor: 0.5, leastQuality: 0.7 },
      { name: 'gold', epochs: 3, rateFactor: 0.25, leastQuality: 0.9, phrasings: ['Look closely. {question}'] },
    ];
    const { calls, decisions } = await run({
      submitted: (spec) => specs.push(spec),
      settings: { ...quick, stages: { coarseEpochs: 1, fineEpochs: 0, between } },
    });
    expect(fromMix(calls).slice(-1)).toEqual(['train coarse']);
    expect(calls.filter((call) => call.startsWith('train stages'))).toEqual([
      'train stages/sound',
      'train stages/gold',
    ]);
    const of = (name: string) => specs.find(({ key }) => key.includes(`/${name}.`));
    const [coarse, sound, gold] = ['coarse', 'stages/sound', 'stages/gold'].map(of);
    expect(sound?.learningRate).toBe((coarse?.learningRate ?? 0) * 0.5);
    expect(sound?.train.business).toMatchObject({ leastQuality: 0.7, phrasings: coarse?.train.business.phrasings });
    expect(gold?.train.business).toMatchObject({ leastQuality: 0.9, phrasings: ['Look closely. {question}'] });
    expect(sound?.model).toContain('/coarse.');
    expect(gold?.model).toContain('/stages/sound.');
    expect(decisions.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['coarse/checkpoint', 'stages/sound/checkpoint', 'stages/gold/checkpoint']),
    );
  });

  it.concurrent('lets the stages spend one generic budget together (R16)', async () => {
    const { decisions } = await run({
      // Either stage alone stays inside 0.02 nats; together they do not.
      genericLossOf: (step, { key }) =>
        0.1 + 0.0005 * (key.includes('/fine.') ? 30 + step : key.includes('/coarse.') ? step : 0),
      settings: { ...quick, mix: { lossFloor: 0.02 } },
    });
    const of = (id: string) => decisions.find((each) => each.id === id);
    expect(of('coarse/checkpoint')?.reason).toContain('inside the budget');
    expect(of('fine/checkpoint')).toMatchObject({ verdict: 'step 10', evidence: { inside: 0, genericAllowed: 0.02 } });
    expect(of('fine/checkpoint')?.evidence['genericExcess']).toBeCloseTo(0.0225);
  });

  it.concurrent('tries the alternatives that are wished, and the stages follow the one that is taken (R12)', async () => {
    const specs: TrainingSpec[] = [];
    const { calls, decisions } = await run({
      genericOf: (_, { key }) => (key.includes('lower-rate') ? 0.97 : 0.5),
      submitted: (spec) => specs.push(spec),
      settings: { ...quick, mix: { alternatives: ['ownAnswers', 'lowerRate'] } },
    });
    expect(fromMix(calls)).toEqual([
      'train mix/10-1',
      'answer 150 generic questions as the base',
      'train mix/10-1-own-answers',
      'train mix/10-1-lower-rate',
      'train coarse',
      'train fine',
    ]);
    expect(decisions.find(({ id }) => id === 'mixGeneric')?.verdict).toBe('10 business : 1 generic, half the rate');
    const of = (name: string) => specs.find(({ key }) => key.includes(`/${name}.`));
    expect(of('mix/10-1-own-answers')?.train.generic?.uri).toMatch(/own-answers\/records\.jsonl$/);
    expect(of('mix/10-1')?.learningRate).toBe(1e-3);
    expect(of('coarse')?.learningRate).toBe(5e-4);
    expect(of('coarse')?.train.generic?.uri).toMatch(/digits-1\/train\.jsonl$/);
  });

  it.concurrent('heeds a person who wants an average (R12)', async () => {
    const { calls, decisions } = await run(
      { averageOf: (share) => ({ business: 1, generic: 1 - share / 10 }) },
      undefined,
      async (handle) => {
        const verdict = '3 business : 1 generic, averaged with the base';
        await handle.executeUpdate(overruleUpdate, { args: [{ decision: 'mixGeneric', verdict, by: 'a', why: 'b' }] });
      },
    );
    expect(fromMix(calls)).toEqual([
      'train mix/3-1',
      'train coarse',
      'train fine',
      'average fine',
      'write average 0.5 of fine',
    ]);
    expect(decisions.find(({ id }) => id === 'trainStaged/average')?.verdict).toBe('share 0.5');
  });

  it.concurrent('is not done when the served model differs from the trained one, or when that can’t be told (R9)', async () => {
    const same = everythingWorks.parity;
    const differs = await run({ parity: { ...same, agree: 296, firstDifference: 'a: the trainer said "1"' } });
    expect(differs.result.outcome).toBe('notSolved');
    expect(differs.decisions.find(({ id }) => id === 'evaluate')?.reason).toContain('trainer and server differ');
    expect(differs.calls).toContain('compare trainer and server');
    const untold = await run({ parity: { ...same, probes: 200, agree: 200 } });
    expect(untold.result.outcome).toBe('notSolved');
  });

  it.concurrent('asks adapter, merged model and server where an adapter was trained (R9)', async () => {
    const { result, calls } = await run({
      settings: { onQuestion: 'stop', sweep: { learningRates: [3e-4, 1e-3, 3e-3] }, training: { method: 'lora' } },
    });
    expect(result.outcome).toBe('tuned');
    const asked = calls.filter((call) => call.startsWith('answer') || call.startsWith('compare'));
    expect(asked).toEqual([
      'answer as an adapter',
      'answer as a whole model',
      expect.stringMatching(/^compare .*parity\/merged-[0-9a-f]{8}\/answers\.jsonl$/),
    ]);
  });

  const aligning = (when: 'auto' | 'on') => ({
    onQuestion: 'stop' as const,
    sweep: { learningRates: [1e-3] },
    align: { when },
  });

  it.concurrent.each([
    ['full', 'lora', ['an adapter', 'a whole model']],
    ['lora', 'full', ['a whole model']],
  ] as const)(
    'trains, aligns and evaluates by the method that the sweep takes (%s to %s, R10)',
    async (own, best, answers) => {
      const specs: TrainingSpec[] = [];
      const exported: string[] = [];
      const { result, calls } = await run({
        settings: {
          ...{ onQuestion: 'stop', training: { method: own } },
          sweep: {
            learningRates: [3e-4, 1e-3, 3e-3],
            trials: 9,
            seeds: 1,
            extendAtEdge: false,
            methods: ['full', 'lora'],
          },
          align: { when: 'auto', learningRate: 1e-5 },
        },
        lossOf: (rate, { method }) => 0.1 + Math.abs(Math.log10(rate) + 3) / 100 + (method === own ? 0.5 : 0),
        submitted: (spec) => specs.push(spec),
        exported: (checkpoint) => exported.push(checkpoint),
      });
      expect(result.outcome).toBe('tuned');
      const named = (name: RegExp) => specs.filter(({ key }) => name.test(key));
      const later = named(/\/(mix\/|coarse|fine)/);
      expect(later.length).toBeGreaterThanOrEqual(3);
      expect(new Set(later.map(({ method }) => method))).toEqual(new Set([best]));
      expect(named(/\/sanity/).map(({ method }) => method)).toEqual([own]);
      expect(named(/\/align/)[0]?.learningRate).toBeCloseTo(best === 'lora' ? 1e-4 : 1e-6, 12);
      expect(calls.filter((call) => call.startsWith('answer as'))).toEqual(answers.map((what) => `answer as ${what}`));
      // An adapter is merged to be asked before and after it is aligned; every model, to be kept.
      expect(exported).toHaveLength(best === 'lora' ? 3 : 1);
    },
  );

  it.concurrent('trains on preferences where the figures say so, and evaluates what surely gains (R3)', async () => {
    const { calls, decisions } = await run({ settings: aligning('auto') });
    expect(calls.filter((call) => call.startsWith('train')).slice(-2)).toEqual(['train fine', 'train align']);
    // Eight answers to each item, of dev and of train.
    expect(calls.filter((call) => /^evaluate align-.*-sample-/.test(call))).toHaveLength(16);
    expect(calls).toContain('pairs of 16 answers');
    const verdicts = Object.fromEntries(decisions.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts).toMatchObject({ 'alignPreferences/when': 'align', alignPreferences: 'aligned' });
    expect(decisions.find(({ id }) => id === 'alignPreferences/when')?.reason).toContain('PPO is never used');
  });

  it.concurrent.each([
    ['too few pairs', { settings: aligning('auto'), pairs: 299 }, 'alignPreferences/when', 'stay'],
    ['a setting that forces it', { settings: aligning('on'), pairs: 299 }, 'alignPreferences/when', 'align'],
    ['no pair at all', { settings: aligning('on'), pairs: 0 }, 'alignPreferences/when', 'stay'],
    ['no sure gain', { settings: aligning('auto'), alignGain: 0.01 }, 'alignPreferences', 'supervised'],
  ] as const)('goes by the rules of preferences with %s (R3)', async (_, change, id, verdict) => {
    const { result, calls, decisions } = await run(change);
    expect(decisions.find((each) => each.id === id)?.verdict).toBe(verdict);
    const trained = verdict === 'stay' ? 'fine' : 'align';
    expect(calls.filter((call) => call.startsWith('train')).at(-1)).toBe(`train ${trained}`);
    expect(result.outcome).toBe('tuned');
  });

  it.concurrent('decides by the points alone, whether the watch sees each in turn or was away until the end (R9, R16)', async () => {
    const runs = { atOnce: await run({ watched: 'atOnce' }), late: await run({ watched: 'late' }) };
    const untimed = (decisions: RecordedDecision[]) => decisions.map((each) => ({ ...each, at: '' }));
    expect(untimed(runs.late.decisions)).toEqual(untimed(runs.atOnce.decisions));
    expect(runs.late.decisions.find(({ id }) => id === 'sanity/watchdog')?.verdict).toBe('stop');
    expect(runs.atOnce.calls.filter((call) => /^stop sanity/.test(call))).toHaveLength(1);
    for (const { calls } of Object.values(runs)) expect(calls).toContain('serve sanityCheck: checkpoint-20');
  });

  it.concurrent('stops before the first training where a probe finds a fault, and names it (R9)', async () => {
    const labels = { records: 8, exact: 0, empty: 8, cut: 0, extra: 0, ids: ['a'], first: null };
    const faulty = { ...soundStart, labels };
    const { result, calls, decisions } = await run({ probes: () => faulty });
    expect(result).toMatchObject({ outcome: 'notSolved', waitsForPerson: true });
    expect(calls.filter((call) => /^(train|probe)/.test(call))).toEqual(['probe start']);
    expect(decisions.find(({ id }) => id === 'sanityCheck')).toMatchObject({
      verdict: 'framework:lossMask',
      evidence: { records: 'a' },
    });
  });

  it.concurrent('trains on for half as long again where the set is nearly repeated, once (R9, methods M5)', async () => {
    const specs: TrainingSpec[] = [];
    const { result, calls, decisions } = await run({
      repeated: [0.88, 0.97],
      submitted: (spec) => specs.push(spec),
      settings: { ...quick, sanity: { epochs: 10 } },
    });
    expect(result.outcome).toBe('tuned');
    expect(calls.filter((call) => call.startsWith('train sanity'))).toEqual(['train sanity', 'train sanity/longer']);
    const [first, longer] = specs.filter(({ key }) => key.includes('/sanity'));
    expect(first).toMatchObject({ epochs: 15, untilEpoch: 10 });
    expect(longer).toEqual({
      ...first,
      key: longer?.key,
      untilEpoch: undefined,
      continues: expect.stringContaining('/sanity.'),
    });
    expect(decisions.filter(({ step }) => step === 'sanityCheck').map(({ id, verdict }) => [id, verdict])).toEqual(
      expect.arrayContaining([
        ['sanityCheck/longer', 'trainLonger'],
        ['sanityCheck', 'canRepeat'],
      ]),
    );
  });

  it.concurrent('trains on no second time, and not where a person has decided (R9)', async () => {
    const twice = await run({ repeated: 0.88, settings: quick });
    expect(twice.result.outcome).toBe('notSolved');
    expect(twice.calls.filter((call) => call.startsWith('train sanity'))).toHaveLength(2);
    const failed = await run({
      repeated: 0.88,
      settings: quick,
      cutShort: (name) => (name === 'sanity/longer' ? { state: 'failed', step: 0 } : null),
    });
    expect(failed.decisions.find(({ id }) => id === 'sanityCheck')).toMatchObject({
      verdict: 'cannotTell',
      reason: expect.stringContaining('Training on did not work: '),
    });
    const overruled = { decision: 'sanityCheck/longer', verdict: 'enough', by: 'Ada', why: 'known' };
    const told = await run({ repeated: 0.88, settings: quick }, undefined, async (running) => {
      await running.executeUpdate('overrule', { args: [overruled] });
    });
    expect(told.calls.filter((call) => call.startsWith('train sanity'))).toHaveLength(1);
  });

  it.concurrent('says why a training set is not repeated, and goes on where the fault is overruled ahead (R9)', async () => {
    const slow = trainedFigures({ overfit: [overfitOf(1, 2), overfitOf(0.1, 3), overfitOf(10, 0.01)] });
    const probes = (stage: string) => (stage === 'start' ? soundStart : slow);
    const { calls, decisions } = await run({ probes, repeated: 0.4 }, undefined, async (running) => {
      await running.executeUpdate(overruleUpdate, {
        args: [{ decision: 'sanityCheck', verdict: 'canRepeat', by: 'Ada', why: 'known' }],
      });
    });
    expect(decisions.find(({ id }) => id === 'sanityCheck')?.overruled?.verdict).toBe('framework:learningRate');
    expect(decisions.find(({ id }) => id === 'sanityCheck/start')?.verdict).toBe('healthy');
    expect(calls.filter((call) => /^(train sanity|probe|train coarse)/.test(call))).toEqual([
      'probe start',
      'train sanity',
      'probe trained',
      'train coarse',
    ]);
  });

  it.concurrent('sweeps on without a trial that can’t be trained, and keeps the supervised model where preferences can’t (R10, R3)', async () => {
    const stalls = (name: string) => name === 'sweep/0.0003' || name === 'align';
    const { result, decisions, calls } = await run({
      cutShort: (name) => (stalls(name) ? { state: 'stalled', step: 0 } : null),
      settings: { onQuestion: 'stop', sweep: { learningRates: [3e-4, 1e-3, 3e-3] }, align: { when: 'on' } },
    });
    expect(result.outcome).toBe('tuned');
    expect(decisions.find(({ id }) => id === 'sweep')?.verdict).toBe('0.001');
    expect(calls.filter((call) => call === 'train align')).toHaveLength(2);
    expect(decisions.find(({ id }) => id === 'alignPreferences')).toMatchObject({
      verdict: 'supervised',
      reason: expect.stringContaining('stalled'),
    });
  });

  it.concurrent('takes a stalled training up again, and gives it up when it stalls at one place (case 51)', async () => {
    const stalledAt = (step: number) => ({ state: 'stalled', step }) as const;
    const once = await run({ cutShort: (_, attempt) => (attempt === 1 ? stalledAt(0) : null) });
    expect(once.result.outcome).toBe('tuned');
    expect(once.calls.filter((call) => call === 'train sanity')).toHaveLength(2);
    const always = run({ cutShort: () => stalledAt(5) });
    await expect(always).rejects.toMatchObject({
      cause: expect.objectContaining({ type: 'TrainingFailed', message: expect.stringContaining('stalled') }),
    });
  });

  it.concurrent('finds a planted best that is neither the default nor in the middle, and past the edge of the grid (R10)', async () => {
    const { calls, decisions } = await run({ lossOf: (rate) => Math.abs(Math.log10(rate) - Math.log10(9e-3)) + 0.1 });
    expect(calls).toContain('train sweep/0.009');
    expect(Number(decisions.find(({ id }) => id === 'sweep')?.verdict)).toBeCloseTo(9e-3, 4);
  });

  it.concurrent('goes back when a decision that was acted upon is overruled, and repeats no step that stands', async () => {
    let training!: () => void;
    const inTraining = new Promise<void>((resolve) => {
      training = resolve;
    });
    const { result, calls } = await run(
      {
        whileTraining: async () => {
          training();
          await new Promise((resolve) => setTimeout(resolve, 1500));
        },
      },
      undefined,
      async (handle) => {
        await inTraining;
        const answer = await handle.executeUpdate(overruleUpdate, {
          args: [{ decision: 'promptFirst', verdict: 'promptEnough', by: 'Ada', why: 'good enough for us' }],
        });
        expect(answer).toContain('promptFirst');
      },
    );
    expect(result.outcome).toBe('promptEnough');
    expect(result.verdict).toContain('Ada');
    expect(calls.filter((call) => call.startsWith('build'))).toHaveLength(2);
  });

  it.concurrent('chooses anew among the trials that are there when a sweep that was acted upon is overruled', async () => {
    let mixing!: () => void;
    const inMix = new Promise<void>((resolve) => {
      mixing = resolve;
    });
    const specs: TrainingSpec[] = [];
    const { result, calls, decisions } = await run(
      {
        settings: { ...quick, sweep: { ...quick.sweep, extendAtEdge: false, trials: 9, epochs: 3 } },
        submitted: (spec) => specs.push(spec),
        whileTraining: async (name) => {
          if (!name.startsWith('mix/')) return;
          mixing();
          await new Promise((resolve) => setTimeout(resolve, 1500));
        },
      },
      undefined,
      async (handle) => {
        await inMix;
        await handle.executeUpdate(overruleUpdate, {
          args: [{ decision: 'sweep', verdict: 'trial-1', by: 'Ada', why: 'steadier' }],
        });
      },
    );
    const trials = calls.filter((call) => call.startsWith('train sweep/'));
    expect(trials).toEqual([...new Set(trials)]);
    expect(decisions.find(({ id }) => id === 'sweep')?.overruled?.by).toBe('Ada');
    expect(specs.findLast(({ key }) => key.includes('/coarse.'))?.learningRate).toBe(3e-4);
    expect(result.outcome).toBe('tuned');
  });

  it.concurrent('takes a verdict that a person gives before its step has begun', async () => {
    const { decisions } = await run({}, undefined, async (running) => {
      await running.executeUpdate(overruleUpdate, {
        args: [{ decision: 'sweep', verdict: '0.0003', by: 'Ada', why: 'known' }],
      });
    });
    expect(decisions.find(({ id }) => id === 'sweep')?.verdict).toBe('0.0003');
  });

  it.concurrent('waits for a person where it is asked to, and goes on from the answer', async () => {
    const settings = { ...(everythingWorks.settings as object), onQuestion: 'wait' };
    const { result } = await run({ promptScore: 0.9, settings }, undefined, async (handle) => {
      await untilWaiting(handle);
      await handle.executeUpdate(overruleUpdate, {
        args: [{ decision: 'promptFirst', verdict: 'notEnough', by: 'Ada', why: 'train' }],
      });
    });
    expect(result.outcome).toBe('tuned');
  });

  it.concurrent('goes back where a person overrules something else than what it asks about', async () => {
    const settings = { ...(everythingWorks.settings as object), onQuestion: 'wait' };
    const { result, decisions } = await run({ promptScore: 0.9, settings }, undefined, async (handle) => {
      const say = (decision: string, verdict: string) =>
        handle.executeUpdate<string, [object]>(overruleUpdate.name, {
          args: [{ decision, verdict, by: 'Ada', why: 'seen' }],
        });
      await untilWaiting(handle);
      expect(await say('buildDataset', 'refused')).toContain('goes back to buildDataset');
      for (const verdict of ['0,001', '0', 'trial-7']) await expect(say('sweep', verdict)).rejects.toThrow();
    });
    expect(decisions.find(({ id }) => id === 'buildDataset')?.overruled?.by).toBe('Ada');
    expect(result.outcome).not.toBe('tuned');
  });

  it.concurrent('closes at a question that nobody answers where it is told to stop, and says that it waits', async () => {
    const settings = { ...(everythingWorks.settings as object), onQuestion: 'stop' };
    const { result } = await run({ promptScore: 0.9, settings });
    expect(result).toMatchObject({ outcome: 'notSolved', waitsForPerson: true });
  });

  it.concurrent('refuses an overruling that says what is so already', async () => {
    await run({}, undefined, async (handle) => {
      await handle.result();
      await expect(
        handle.executeUpdate(overruleUpdate, { args: [{ decision: 'sweep', verdict: '0.001', by: 'Ada', why: '' }] }),
      ).rejects.toThrow();
    });
  });

  it.concurrent('closes as cancelled when it is cancelled in mid-training', async () => {
    const slow = { whileTraining: () => new Promise<void>((resolve) => setTimeout(resolve, 2000)) };
    const cancelled = run(slow, undefined, async (handle) => {
      for (;;) {
        const { step } = await handle.query(progressQuery);
        if (step === 'sanityCheck') break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await handle.cancel();
    });
    await expect(cancelled).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
  });

  it.concurrent.each([
    ['a text', 'examples/digits', /text/],
    ['a quoted object', '{"task": "examples/digits"}', /Remove the quotes/],
    ['a list', [{ task: 'examples/digits' }], /list/],
    ['null', null, /null/],
    ['nothing', undefined, /no input/],
    ['an unknown key', { taks: 'examples/digits' }, /Did you mean "task"/],
    ['a wrong type', { task: 7 }, /task/],
  ])('refuses %s with what is wrong and an example', async (_name, input, says) => {
    const failed: unknown = await run({}, { input }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    const { cause } = failed as WorkflowFailedError;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect((cause as ApplicationFailure).type).toBe('InvalidInput');
    expect((cause as ApplicationFailure).message).toMatch(says);
    expect((cause as ApplicationFailure).message).toContain('{"task":"examples/digits"}');
  });
});

async function untilWaiting(handle: WorkflowHandle): Promise<void> {
  while ((await handle.query(progressQuery)).state !== 'waiting')
    await new Promise((resolve) => setTimeout(resolve, 100));
}
