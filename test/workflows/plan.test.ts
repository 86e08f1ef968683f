import { defaultTuning, preferenceSpec, type TrainingWish, trainingSpec } from '../../workflows/plan.js';
import { placesIn } from '../activities/report/places.js';
import { recipe } from '../activities/report/recipe.js';

const dataset = {
  uri: 'file:///data/digits-1',
  digest: 'd',
  read: 1000,
  used: 1000,
  merged: 0,
  rejected: 0,
  bySplit: { train: 600, dev: 50, validation: 100, test: 250 },
  largestShare: 0.1,
  notes: [],
  questions: [],
};

function trainedOn(business: TrainingWish['data']['business'], over: Partial<TrainingWish> = {}) {
  const spec = specOf(business, over);
  return { uri: spec.train.business.uri, key: spec.key };
}

function specOf(business: TrainingWish['data']['business'], over: Partial<TrainingWish> = {}) {
  return trainingSpec({
    recipe: recipe(placesIn('/runs')),
    data: { business, generic: null },
    name: 'fine',
    model: 'file:///model',
    learningRate: 1e-4,
    epochs: 3,
    mix: { business: 1, generic: 0 },
    phrasing: 'fine',
    schedule: 'linear',
    evaluationsPerEpoch: 3,
    ...over,
  });
}

describe('trainingSpec (R14, R15)', () => {
  it('trains the fine stage on the records of high quality where the build set some apart', () => {
    expect(trainedOn({ ...dataset, fine: 300 }, { fineRecords: true }).uri).toBe(
      'file:///data/digits-1/train-fine.jsonl',
    );
    expect(trainedOn({ ...dataset, fine: 300 }).uri).toBe('file:///data/digits-1/train.jsonl');
  });

  it('trains a stage between on the records of its quality, asked as it says', () => {
    const { business } = specOf(dataset, { leastQuality: 0.9, phrasing: ['Look: {question}'] }).train;
    expect(business).toMatchObject({ leastQuality: 0.9, phrasings: ['Look: {question}'] });
    expect(specOf(dataset).train.business).not.toHaveProperty('leastQuality');
  });

  it('trains on all records where it did not, in the job of the same key', () => {
    expect(trainedOn(dataset, { fineRecords: true })).toEqual(trainedOn(dataset));
  });

  it('trains business records under the system text that they are served with', () => {
    const plain = recipe(placesIn('/runs'));
    const generic = { ...dataset, uri: 'file:///data/generic-1' };
    const task = { ...plain.task, prompt: { ...plain.task.prompt, system: 'Answer in one word.' } };
    const { train, evaluate } = specOf(dataset, {
      recipe: { ...plain, task },
      data: { business: dataset, generic },
      mix: { business: 1, generic: 1 },
    });
    expect(train.business.system).toBe('Answer in one word.');
    expect(evaluate['validation']?.system).toBe('Answer in one word.');
    expect([train.generic, evaluate['generic']].map((set) => set && 'system' in set)).toEqual([false, false]);
    expect('system' in specOf(dataset).train.business).toBe(false);
  });
});

describe('processes (R10)', () => {
  const plain = recipe(placesIn('/runs'));
  const settings = { ...plain.settings, training: { ...plain.settings.training, processes: 4 } };
  const shared = { ...plain, settings };

  it('share each step where the recipe asks for several', () => {
    expect(specOf(dataset, { recipe: shared }).layout).toEqual({ tensor: 1, pipeline: 1, data: 4 });
    expect(specOf(dataset).layout.data).toBe(1);
  });

  it('are one where preferences are learnt: trainers share no such step', () => {
    const pairs = { model: 'file:///tuned', pairsUri: 'file:///pairs', heldOutUri: 'file:///held' };
    expect(preferenceSpec(shared, { business: dataset, generic: null }, pairs).layout.data).toBe(1);
  });
});

describe('frozen parts (R10)', () => {
  const plain = recipe(placesIn('/runs'));
  const withFreeze = (training: ('vision' | 'projector')[], sweep: ('vision' | 'projector')[][] = []) => {
    const { settings } = plain;
    const changed = {
      training: { ...settings.training, freeze: training },
      sweep: { ...settings.sweep, freeze: sweep },
    };
    return { ...plain, settings: { ...settings, ...changed } };
  };
  const searched = { batchSize: 16, loraRank: null, warmupRatio: 0.03 };

  it('are those that the sweep settled, else those of the settings', () => {
    expect(specOf(dataset).freeze).toBeUndefined();
    expect(specOf(dataset, { recipe: withFreeze(['vision']) }).freeze).toEqual(['vision']);
    expect(specOf(dataset, { recipe: withFreeze(['vision']), tuning: searched }).freeze).toEqual(['vision']);
    const settled = (freeze: ('vision' | 'projector')[]) =>
      specOf(dataset, { recipe: withFreeze(['vision']), tuning: { ...searched, freeze } }).freeze;
    expect([settled(['projector']), settled([])]).toEqual([['projector'], undefined]);
  });

  it('are a setting of every trial where they are searched, and of none where they are not', () => {
    expect(defaultTuning(withFreeze(['vision'], [[], ['vision']]))).toMatchObject({ freeze: ['vision'] });
    expect(defaultTuning(withFreeze(['vision']))).not.toHaveProperty('freeze');
  });

  it('stay frozen while preferences are learnt, and nothing else changes there', () => {
    const pairs = { model: 'file:///tuned', pairsUri: 'file:///pairs', heldOutUri: 'file:///held' };
    const data = { business: dataset, generic: null };
    const tuning = { ...searched, learningRate: 1e-4, batchSize: 4, warmupRatio: 0.1 };
    const align = (over: object) => preferenceSpec(plain, data, { ...pairs, ...over });
    expect(align({ tuning: { ...tuning, freeze: ['vision'] } }).freeze).toEqual(['vision']);
    expect(align({ tuning })).toEqual(align({}));
  });
});

describe('experts (R10)', () => {
  const searched = { learningRate: 1e-4, batchSize: 16, loraRank: null, warmupRatio: 0.03 };

  it('are as the model has them where the sweep settled nothing of them', () => {
    expect(specOf(dataset, { tuning: searched })).not.toHaveProperty('experts');
    expect(specOf(dataset, { tuning: { ...searched, activeExperts: 4 } }).experts).toEqual({ active: 4 });
    expect(specOf(dataset, { tuning: { ...searched, routerLoss: 0 } }).experts).toEqual({ routerLoss: 0 });
  });

  it('are those of the sweep while preferences are learnt', () => {
    const pairs = { model: 'file:///tuned', pairsUri: 'file:///pairs', heldOutUri: 'file:///held' };
    const tuning = { ...searched, activeExperts: 4, routerLoss: 0.01 };
    const data = { business: dataset, generic: null };
    const { experts } = preferenceSpec(recipe(placesIn('/runs')), data, { ...pairs, tuning });
    expect(experts).toEqual({ active: 4, routerLoss: 0.01 });
  });
});

describe('the method that the sweep settled (R10)', () => {
  const plain = recipe(placesIn('/runs'));
  const searched = { learningRate: 1e-4, batchSize: 16, warmupRatio: 0.03 };
  const byLora = { ...searched, method: 'lora', loraRank: 32 } as const;
  const settings = (change: object, sweep: object = {}) => ({
    ...plain,
    settings: {
      ...plain.settings,
      training: { ...plain.settings.training, ...change },
      sweep: { ...plain.settings.sweep, ...sweep },
    },
  });

  it('takes the place of the recipe’s own, and freezes nothing beside an adapter', () => {
    const frozen = settings({ freeze: ['vision'] });
    expect(specOf(dataset, { recipe: frozen, tuning: byLora })).toMatchObject({ method: 'lora', lora: { rank: 32 } });
    expect(specOf(dataset, { recipe: frozen, tuning: byLora })).not.toHaveProperty('freeze');
    const full = { ...searched, method: 'full', loraRank: null } as const;
    expect(specOf(dataset, { recipe: settings({ method: 'lora' }), tuning: full }).method).toBe('full');
    expect(specOf(dataset, { tuning: { ...full, method: undefined } }).method).toBe('full');
  });

  it('is a setting of every trial where it is searched, and of none where it is not', () => {
    expect(defaultTuning(settings({}, { methods: ['full', 'lora'] }))).toMatchObject({
      method: 'full',
      loraRank: null,
    });
    expect(defaultTuning(plain)).not.toHaveProperty('method');
  });

  it('learns preferences at the rate for it', () => {
    const pairs = { model: 'file:///tuned', pairsUri: 'file:///pairs', heldOutUri: 'file:///held' };
    const rateOf = (change: object, tuning?: typeof byLora) =>
      preferenceSpec(settings(change), { business: dataset, generic: null }, { ...pairs, tuning }).learningRate;
    const own = rateOf({});
    expect(rateOf({}, byLora)).toBeCloseTo(10 * own, 12);
    expect(rateOf({ method: 'lora' }, byLora)).toBe(own);
  });
});
