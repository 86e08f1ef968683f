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
  const spec = trainingSpec({
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
  return { uri: spec.train.business.uri, key: spec.key };
}

describe('trainingSpec (R14, R15)', () => {
  it('trains the fine stage on the records of high quality where the build set some apart', () => {
    expect(trainedOn({ ...dataset, fine: 300 }, { fineRecords: true }).uri).toBe(
      'file:///data/digits-1/train-fine.jsonl',
    );
    expect(trainedOn({ ...dataset, fine: 300 }).uri).toBe('file:///data/digits-1/train.jsonl');
  });

  it('trains on all records where it did not, in the job of the same key', () => {
    expect(trainedOn(dataset, { fineRecords: true })).toEqual(trainedOn(dataset));
  });
});
