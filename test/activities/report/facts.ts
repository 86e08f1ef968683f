/** Facts of a run that tuned a model to read digits, as the workflow passes them; every figure can be replaced. */
import type { Interval } from '../../../config/decisions.js';
import type { Evaluation } from '../../../config/evaluation.js';
import type { DatasetRef } from '../../../config/records.js';
import type { ReportFacts, TrainingSummary } from '../../../config/report.js';
import { decisionsOfRun } from './decisions.js';
import type { Places } from './places.js';
import { recipe } from './recipe.js';
import { minutesIn, startedAt } from './times.js';

export function share(mean: number, n = 449, spread = 1.96): Interval {
  const half = spread * Math.sqrt(Math.max(mean * (1 - mean), 0.002) / n);
  return { mean, lower: Math.max(0, mean - half), upper: Math.min(1, mean + half), n, groups: n };
}

export function evaluation(name: string, changes: Partial<Evaluation> & { answersUri: string }): Evaluation {
  return {
    name,
    asked: 449,
    excluded: 0,
    cut: 0,
    refused: 0,
    score: share(0.107),
    validity: share(0.412),
    contentWhenValid: 0.26,
    repaired: 0.121,
    majorityBaseline: 0.104,
    balanced: null,
    bySlice: {},
    decodingDigest: '51c0ffee0011',
    promptTokens: 17_062,
    completionTokens: 2_245,
    seconds: 31.4,
    ...changes,
  };
}

export function dataset(uri: string, changes: Partial<DatasetRef> = {}): DatasetRef {
  return {
    uri,
    digest: '8f14e45fceea167a',
    read: 1797,
    used: 1780,
    merged: 12,
    rejected: 5,
    bySplit: { train: 1068, dev: 85, validation: 178, test: 449 },
    largestShare: 0.104,
    notes: ['12 pictures are there twice; each pair was merged.'],
    questions: [],
    ...changes,
  };
}

export function training(places: Places, name: string, changes: Partial<TrainingSummary> = {}): TrainingSummary {
  return {
    name,
    learningRate: 0.001,
    mix: '10 business : 1 generic',
    samplesAnEpoch: { business: 1068, generic: 107 },
    epochs: 4,
    curve: [],
    eventsUri: `${places.run}/training/${name}/events.jsonl`,
    chosenStep: null,
    stopped: null,
    seconds: 74,
    attempts: 1,
    ...changes,
  };
}

const rates = [0.0005, 0.001, 0.002, 0.004];

/** A run that ended well, all of it there. */
export function doneFacts(places: Places, changes: Partial<ReportFacts> = {}): ReportFacts {
  const answers = (name: string) => ({ answersUri: `${places.run}/evaluation/${name}/answers.jsonl` });
  const slices = { printed: share(0.99, 210), handwritten: share(0.967, 239) };
  const generic = { asked: 400, contentWhenValid: 0.95, majorityBaseline: 0.03 };
  return {
    schema: 'anneal.report/1',
    run: 'boost-digits.1a2b3c4d',
    workflowId: 'boost-digits',
    state: 'done',
    verdict:
      'The tuned model solves the task: 97.8 % right on held-out data (target 92.0 %), and 97.3 % of general ability is kept.',
    step: 'evaluate',
    startedAt,
    updatedAt: minutesIn(12.7),
    recipe: recipe(places),
    decisions: decisionsOfRun,
    question: null,
    business: dataset(places.business),
    generic: dataset(places.generic, {
      read: 3000,
      used: 3000,
      merged: 0,
      rejected: 0,
      bySplit: { train: 1800, dev: 150, validation: 300, test: 750 },
      notes: [],
    }),
    trainings: [
      training(places, 'sanity', {
        mix: '1 business : 0 generic',
        samplesAnEpoch: { business: 500, generic: 0 },
        epochs: 25,
        stopped: 'The training set’s answer loss is 0.021, below 0.03: enough to repeat it.',
      }),
      ...rates.map((learningRate) =>
        training(places, `sweep/${learningRate}`, {
          learningRate,
          epochs: 3,
          mix: '1 business : 0 generic',
          seconds: 36,
        }),
      ),
      training(places, 'mix/10-1', { learningRate: 0.002, epochs: 3 }),
      training(places, 'mix/5-1', { learningRate: 0.002, epochs: 3, mix: '5 business : 1 generic', attempts: 2 }),
      training(places, 'coarse', { learningRate: 0.002, mix: '5 business : 1 generic', chosenStep: 132 }),
      training(places, 'fine', { learningRate: 0.0008, epochs: 3, mix: '5 business : 1 generic', chosenStep: 81 }),
    ],
    before: {
      business: evaluation('before-test', {
        ...answers('before-test'),
        cut: 3,
        bySlice: { printed: share(0.13, 210), handwritten: share(0.09, 239) },
      }),
      generic: evaluation('before-generic', {
        ...answers('before-generic'),
        ...generic,
        score: share(0.945, 400),
        validity: share(0.995, 400),
        repaired: 0.945,
      }),
    },
    after: {
      business: evaluation('after-test', {
        ...answers('after-test'),
        score: share(0.978),
        validity: share(1),
        contentWhenValid: 0.978,
        repaired: 0.978,
        bySlice: slices,
      }),
      generic: evaluation('after-generic', {
        ...answers('after-generic'),
        ...generic,
        excluded: 1,
        score: share(0.92, 400),
        validity: share(0.99, 400),
        repaired: 0.92,
      }),
    },
    parity: {
      probes: 300,
      agree: 299,
      trainerScore: 0.98,
      servedScore: 0.977,
      firstDifference: 'digit-0412: the trainer said "9", the server said "4".',
    },
    testReads: ['promptFirst', 'evaluate'],
    result: { kind: 'model', modelUri: `${places.run}/model`, endpointModel: null },
    steps: [
      { name: 'buildDataset', seconds: 9.4 },
      { name: 'promptFirst', seconds: 71 },
      { name: 'sanityCheck', seconds: 161 },
      { name: 'sweep', seconds: 152 },
      { name: 'mixGeneric', seconds: 164 },
      { name: 'trainStaged', seconds: 149 },
      { name: 'evaluate', seconds: 55 },
    ],
    failure: null,
    ...changes,
  };
}

/** A run that has only begun. */
export function earlyFacts(places: Places, changes: Partial<ReportFacts> = {}): ReportFacts {
  return doneFacts(places, {
    state: 'running',
    verdict: 'The recipe is being resolved.',
    step: 'resolveRecipe',
    updatedAt: startedAt,
    recipe: null,
    decisions: [],
    business: null,
    generic: null,
    trainings: [],
    before: { business: null, generic: null },
    after: { business: null, generic: null },
    parity: null,
    testReads: [],
    result: null,
    steps: [],
    ...changes,
  });
}
