import { jest } from '@jest/globals';
import type { Overrule } from '../../config/decisions.js';
import type { SweepResult } from '../../config/steps.js';
import type { TrainingSpec } from '../../config/training.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';
import { everythingWorks, type Script, scriptedActivities } from './scriptedActivities.js';

jest.setTimeout(240_000);

const settings = {
  sweep: {
    learningRates: [3e-4, 1e-3, 3e-3],
    extendAtEdge: false,
    trials: 9,
    epochs: 3,
    batchSizes: [16, 32],
    rateSpread: 1.5,
  },
};
/** Best at a rate of 1e-3 and a batch of 32, a little better with more passes; seeds differ by less than trials do. */
const lossOf: Script['lossOf'] = (rate, { batchSize, untilEpoch, seed }) =>
  0.1 + Math.abs(Math.log10(rate) + 3) + (batchSize === 32 ? 0 : 0.2) + (untilEpoch ? 0.05 : 0) + (seed % 3) / 1000;

describe('sweep by successive halving', () => {
  let temporal: LocalTemporal;

  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(() => temporal.teardown());

  /** Runs the step alone. `killAt` ends the workers when this training is watched, and starts others without a memory. */
  async function run(change: Partial<Script> = {}, { killAt = '', overrules = [] as Overrule[] } = {}) {
    const specs: TrainingSpec[] = [];
    let training = 0;
    let most = 0;
    let kill: (() => void) | null = null;
    const killed = new Promise<void>((resolve) => {
      kill = killAt ? resolve : null;
    });
    const script: Script = {
      ...everythingWorks,
      settings,
      lossOf,
      submitted: (spec) => specs.push(spec),
      whileTraining: async (name) => {
        training += 1;
        most = Math.max(most, training);
        if (name === killAt) kill?.();
        await new Promise((resolve) => setTimeout(resolve, 20));
        training -= 1;
      },
      ...change,
    };
    const activities = scriptedActivities(script, []);
    const recipe = await activities.resolveRecipe({ run: 'sweep' });
    const data = { business: await activities.buildDatasetFolder({ source: { name: 'digits' } }), generic: null };
    const workflowId = temporal.nextId('sweep');
    const serve = () => temporal.serve(workflowId, activities, { maxCachedWorkflows: killAt ? 0 : 100 });
    let end = await serve();
    try {
      const args = [{ recipe, overrules, reportTo: null, data }];
      const handle = await temporal.client.workflow.start('sweep', { workflowId, taskQueue: workflowId, args });
      if (killAt) {
        await killed;
        await end();
        end = await serve();
      }
      return { result: (await handle.result()) as SweepResult, specs, most };
    } finally {
      await end();
    }
  }

  const nameOf = ({ key }: TrainingSpec) => key.replace(/^sweep\//, '').replace(/\.[0-9a-f]{8}$/, '');

  it.concurrent('trains every trial at every rung once, each rung from the checkpoint of the one below', async () => {
    const { result, specs } = await run();
    const names = specs.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => /^sweep\/trial-\d+\/rung-1$/.test(name))).toHaveLength(9);
    const second = specs.filter((spec) => /rung-2$/.test(nameOf(spec)));
    expect(second.length).toBeGreaterThanOrEqual(3);
    for (const spec of second) {
      const below = specs.find((each) => nameOf(each) === nameOf(spec).replace('rung-2', 'rung-1'));
      expect(spec.continues).toContain(below?.key.replace('sweep/', 'training/'));
      expect({ ...spec, key: '', continues: '' }).toEqual({ ...below, key: '', continues: '', untilEpoch: undefined });
      expect(below?.untilEpoch).toBe(1);
    }
    expect(result.tuning?.batchSize).toBe(32);
    expect(result.decision.verdict).toBe(String(result.learningRate));
  });

  it.concurrent('alone it refuses an input that its schema does not take, rather than try for ever', async () => {
    const workflowId = temporal.nextId('sweep');
    const activities = scriptedActivities({ ...everythingWorks, settings }, []);
    const end = await temporal.serve(workflowId, activities);
    const args = [{ recipe: await activities.resolveRecipe({ run: 'sweep' }), date: {} }];
    const started = temporal.client.workflow.execute('sweep', { workflowId, taskQueue: workflowId, args });
    const failed: Error = await started
      .then(
        () => Error('It went on.'),
        (error) => error,
      )
      .finally(end);
    const { cause } = failed;
    expect(cause).toMatchObject({ type: 'InvalidInput' });
    expect(String(cause)).toMatch(/did you mean "data".*schemas\/sweep\.input\.schema\.json/is);
  });

  it.concurrent('decides by validation: no training of the sweep reads the test split', async () => {
    const { specs } = await run();
    const read = specs.flatMap(({ train, evaluate }) => [
      train.business.uri,
      ...Object.values(evaluate).map(({ uri }) => uri),
    ]);
    expect([...new Set(read.map((uri) => uri.split('/').at(-1)))].sort()).toEqual(['train.jsonl', 'validation.jsonl']);
  });

  it.concurrent('judges every seed on the same items', async () => {
    const { specs } = await run();
    const others = specs.filter(({ seed }) => seed !== specs[0]?.seed);
    expect(others.length).toBeGreaterThanOrEqual(2);
    for (const { evaluate } of others) expect(evaluate['validation']?.limitSeed).toBe(specs[0]?.seed);
  });

  it.concurrent('killed in the middle it finishes with the same trials and the same choice', async () => {
    const whole = await run();
    for (const killAt of [
      'sweep/trial-2/rung-1',
      'sweep/trial-7/rung-1',
      nameOf(whole.specs.find((spec) => nameOf(spec).includes('rung-2')) as TrainingSpec),
    ]) {
      const killed = await run({}, { killAt });
      expect([...new Set(killed.specs.map(({ key }) => key))]).toEqual(whole.specs.map(({ key }) => key));
      expect({ ...killed.result, decision: killed.result.decision.evidence }).toEqual({
        ...whole.result,
        decision: whole.result.decision.evidence,
      });
    }
  });

  it.concurrent('trains as many at once as it is told, and chooses the same', async () => {
    const one = await run();
    const two = await run({ settings: { sweep: { ...settings.sweep, concurrency: 2 } } });
    expect([one.most, two.most]).toEqual([1, 2]);
    expect(two.result.tuning).toEqual(one.result.tuning);
  });

  it.concurrent('takes the trial or the rate that a person names', async () => {
    const overruled = (verdict: string) =>
      run({}, { overrules: [{ decision: 'sweep', verdict, by: 'Ada', why: 'known' }] }).then(({ result }) => result);
    const whole = await run();
    expect((await overruled('trial-1')).tuning).toMatchObject({ learningRate: 3e-4, batchSize: 16 });
    expect((await overruled('0.0007')).tuning).toEqual({ ...whole.result.tuning, learningRate: 7e-4 });
  });

  it.concurrent('compares the rates alone where no trials are asked for, as before', async () => {
    const { specs, result } = await run({ settings: { sweep: { ...settings.sweep, trials: 0 } } });
    expect(specs.map(nameOf)).toEqual(['sweep/0.0003', 'sweep/0.001', 'sweep/0.003']);
    expect(result.tuning).toBeUndefined();
  });
});
