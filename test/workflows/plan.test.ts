import { type TrainingWish, trainingSpec } from '../../workflows/plan.js';
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
