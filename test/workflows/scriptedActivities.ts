/** Activities with scripted figures, so that the order of a run can be tested in seconds; the real ones are tried in test/e2e. */
import type { AverageScore, AveragesSpec } from '../../config/averaging.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { ProbeFigures } from '../../config/probing.js';
import type { DatasetRef } from '../../config/records.js';
import type { Parity } from '../../config/report.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import { RecipeSettings } from '../../config/settings.js';
import type { EvaluationPoint, TrainingProgress, TrainingSpec } from '../../config/training.js';
import { recordsOf } from './policies/sanity/builders.js';

/** The figures of one scripted run; each test changes only what matters to it. */
export interface Script {
  promptScore: number;
  /** Validation loss at the end of a sweep trial, by learning rate, or by all that was asked. */
  lossOf(learningRate: number, spec: TrainingSpec): number;
  /** Share of generic answers right at the end of a mix, by generic parts in the ratio. */
  genericOf(ratio: { business: number; generic: number }, spec: TrainingSpec): number;
  /** Generic loss at a training's step, nats a token. */
  genericLossOf?(step: number, spec: TrainingSpec): number;
  settings: Parameters<typeof RecipeSettings.parse>[0];
  /** Pairs that the tuned model's own answers give, and what aligning gains on validation. */
  pairs: number;
  alignGain: number;
  /** `late`: the watch sees a training when it is over; `atOnce`: at each of its points. */
  watched: 'late' | 'atOnce';
  /** What `compareParity` finds. */
  parity: Parity;
  /** How an attempt at a training ends without having finished, by its number; null: it finishes. */
  cutShort?(name: string, attempt: number): { state: TrainingProgress['state']; step: number } | null;
  /** Figures of the probes; null: a trainer that takes none. */
  probes: ((stage: ProbeFigures['stage']) => ProbeFigures) | null;
  /** Score of the training set when it is asked back, for the first time and later. */
  repeated: number | [number, number];
  /** Called when a training is watched; may wait, to let a test act in the middle of it. */
  whileTraining(name: string): Promise<void>;
  /** Scores of averages of a checkpoint with the base, by the share and the checkpoint's job; null: a trainer without averages. */
  averageOf: ((share: number, name: string) => { business: number; generic: number }) | null;
  /** Called with all that is asked of each training. */
  submitted?(spec: TrainingSpec): void;
  /** Called with each checkpoint that is made a whole model. */
  exported?(checkpoint: string): void;
}

export const everythingWorks: Script = {
  promptScore: 0.1,
  lossOf: (rate) => Math.abs(Math.log10(rate) + 3) + 0.1,
  genericOf: ({ business, generic }) => (generic >= business ? 0.95 : 0.5),
  settings: { onQuestion: 'stop', sweep: { learningRates: [3e-4, 1e-3, 3e-3] }, align: { when: 'off' } },
  pairs: 400,
  alignGain: 0.05,
  watched: 'late',
  parity: { probes: 300, agree: 300, trainerScore: 1, servedScore: 1, firstDifference: null },
  probes: null,
  repeated: 0.97,
  averageOf: null,
  whileTraining: async () => undefined,
};

const interval = (mean: number, n = 400) => ({
  mean,
  lower: Math.max(0, mean - 0.02),
  upper: Math.min(1, mean + 0.02),
  n,
  groups: n,
});

export function evaluationOf(name: string, score: number): Evaluation {
  return {
    name,
    answersUri: `file:///run/${name}.jsonl`,
    asked: 400,
    excluded: 0,
    cut: 0,
    refused: 0,
    score: interval(score),
    validity: { ...interval(1), lower: 0.99 },
    contentWhenValid: score,
    repaired: score,
    majorityBaseline: 0.1,
    balanced: null,
    bySlice: {},
    decodingDigest: 'd',
    promptTokens: 1,
    completionTokens: 1,
    seconds: 1,
  };
}

const dataset: DatasetRef = {
  uri: 'file:///data/digits-1',
  digest: 'd1',
  read: 1000,
  used: 1000,
  merged: 0,
  rejected: 0,
  bySplit: { train: 500, dev: 50, validation: 150, test: 300 },
  largestShare: 0.1,
  notes: [],
  questions: [],
};

function recipeOf(run: string, { settings, probes, averageOf }: Script): ResolvedRecipe {
  const answer = { kind: 'label' as const, labels: ['0', '1'] };
  const source = {
    name: 'digits',
    files: [{ path: '/x.jsonl' }],
    root: '/',
    format: 'auto' as const,
    fields: { id: 'id', image: 'image', question: 'question', answer: 'answer' },
    question: null,
    answer,
    unanswered: 'declared' as const,
  };
  return {
    run,
    runFolder: `file:///runs/${run}`,
    task: {
      name: 'digits',
      description: null,
      file: '/task.json',
      target: { score: 0.9, formatValidity: 0.9 },
      answer,
      prompt: { system: null, template: '{question}' },
      phrasings: { coarse: ['{question}'], fine: ['{question}'] },
    },
    business: source,
    generic: { ...source, name: 'generic' },
    model: {
      uri: 'file:///base',
      preset: 'tiny',
      digest: 'm',
      architecture: 'qwen3_vl',
      patch: 16,
      merge: 2,
      minimumPixels: 16384,
      maximumPixels: 16384,
      contextTokens: 2048,
    },
    endpoint: null,
    settings: RecipeSettings.parse(settings),
    provenance: [],
    trainer: {
      name: 'trl',
      version: '1',
      methods: ['full', 'lora', 'dpo'],
      packing: false,
      namedEvaluationSets: true,
      perItemLosses: true,
      ...(probes ? { probes: true } : {}),
      ...(averageOf ? { averages: true } : {}),
      layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 1 },
      devices: ['cpu'],
    },
    searchAttributes: false,
    versions: {},
    digests: {},
  };
}

function pointsOf(spec: TrainingSpec, script: Script): EvaluationPoint[] {
  const end = script.lossOf(spec.learningRate, spec);
  return Array.from({ length: 4 }, (_, step) => ({
    step: step * 10,
    epoch: step,
    losses: {
      validation: 2 - ((2 - end) * step) / 3,
      generic: script.genericLossOf?.(step * 10, spec) ?? 0.1,
      train: [2, 0.02, 0.01, 0.005][step] ?? 0,
    },
    standardErrors: { validation: 0.001, generic: 0.001 },
    exact: { validation: step / 3, generic: step === 0 ? 1 : script.genericOf(spec.train.mix, spec) },
  }));
}

interface WatchInput {
  handle: { folder: string; attempt: number };
  seen: number;
}

/** Every call by its activity's name and, for trainings, the job's: what a test looks at. */
export function scriptedActivities(script: Script, calls: string[]) {
  const specs = new Map<string, TrainingSpec>();
  const attempts = new Map<string, number>();
  const nameOf = (folder: string) => (folder.split('/training/')[1] ?? folder).replace(/\.[0-9a-f]{8}$/, '');
  return {
    resolveRecipe: async ({ run }: { run: string }) => recipeOf(run, script),
    renderReport: async ({ folder }: { folder: string }) => ({ reportUri: `${folder}/report.html` }),
    buildDatasetFolder: async ({ source }: { source: { name: string } }) => {
      calls.push(`build ${source.name}`);
      return dataset;
    },
    probeEndpoint: async () => undefined,
    evaluateOverEndpoint: async ({ name }: { name: string }) => {
      calls.push(`evaluate ${name}`);
      if (name === 'before-test') return evaluationOf(name, script.promptScore);
      const [first, later] = [script.repeated].flat() as [number, number?];
      const isFirst = calls.filter((call) => call === 'evaluate sanity-train').length === 1;
      const repeated = isFirst ? first : (later ?? first);
      return evaluationOf(name, name === 'sanity-train' ? repeated : 0.97);
    },
    probeTraining: async ({ spec }: { spec: { stage: ProbeFigures['stage'] } }) => {
      calls.push(`probe ${spec.stage}`);
      return script.probes?.(spec.stage);
    },
    probeRecords: async () => recordsOf(),
    compareParity: async ({ mergedUri }: { mergedUri: string | null }) => {
      calls.push(`compare ${mergedUri ?? 'trainer and server'}`);
      return script.parity;
    },
    buildPreferencePairs: async ({ answersUris, into }: { answersUris: string[]; into: string }) => {
      calls.push(`pairs of ${answersUris.length} answers`);
      return {
        pairsUri: `${into}/pairs.jsonl`,
        heldOutUri: `${into}/held-out.jsonl`,
        pairs: script.pairs - Math.min(script.pairs, 30),
        heldOut: Math.min(script.pairs, 30),
        persons: 0,
        counts: { items: 500, allRight: 100, allWrong: 0, otherSplit: 0, ties: 0, unbalanced: 0 },
        headroom: { one: 0.8, many: 0.95, gain: { mean: 0.15, lower: 0.1, upper: 0.2, n: 500 }, groups: 500 },
        errors: { wording: 300, extras: 0, length: 0, nearMiss: 0, content: 100 },
      };
    },
    compareAnswers: async () => ({
      difference: { mean: script.alignGain, lower: script.alignGain - 0.02, upper: script.alignGain + 0.02, n: 150 },
      groups: 150,
      before: { validity: interval(1), length: 1 },
      after: { validity: interval(1), length: 1 },
    }),
    startServing: async ({ key, model }: { key: string; model: string }) => {
      calls.push(`serve ${key.split('/').at(-1)}: ${model.split('/').at(-1)}`);
      return { baseUrl: 'http://127.0.0.1:1/v1', model: 'm', apiKeyVariable: null, server: key };
    },
    stopServing: async () => undefined,
    submitTraining: async ({ spec, folder }: { spec: TrainingSpec; folder: string }) => {
      calls.push(`train ${nameOf(folder)}`);
      specs.set(folder, spec);
      script.submitted?.(spec);
      attempts.set(folder, (attempts.get(folder) ?? 0) + 1);
      return { key: spec.key, folder, attempt: attempts.get(folder) ?? 1, adopted: false };
    },
    watchTraining: async ({ handle, seen }: WatchInput): Promise<TrainingProgress> => {
      await script.whileTraining(nameOf(handle.folder));
      const points = pointsOf(specs.get(handle.folder) as TrainingSpec, script);
      const until = script.watched === 'late' ? points.length : seen + 1;
      const cut = script.cutShort?.(nameOf(handle.folder), handle.attempt) ?? null;
      return {
        state: until < points.length ? 'running' : 'finished',
        attempt: 1,
        step: 30,
        totalSteps: 30,
        stepsPerEpoch: 10,
        evaluations: points.slice(0, until),
        badSteps: { notANumber: [], noSignal: [] },
        checkpoint: null,
        failure: null,
        ...(cut ? { ...cut, evaluations: [] } : {}),
      };
    },
    stopTraining: async ({ handle }: Pick<WatchInput, 'handle'>) => {
      calls.push(`stop ${nameOf(handle.folder)}`);
    },
    collectTraining: async ({ handle }: { handle: { key: string; folder: string } }) => ({
      schema: 'anneal.result/1',
      key: handle.key,
      steps: 30,
      stopped: false,
      samplesSeen: 100,
      rowsTrained: { business: 100, generic: 10 },
      changed: true,
      checkpoints: [10, 20, 30].map((step) => ({ step, uri: `${handle.folder}/checkpoints/checkpoint-${step}` })),
      trainSeconds: 1,
      wallSeconds: 2,
      attempts: 1,
    }),
    discardCheckpoints: async ({ folders }: { folders: string[] }) => {
      calls.push(...folders.map((folder) => `discard ${nameOf(folder)}`));
    },
    measureAverages: async ({ spec }: { spec: AveragesSpec }): Promise<AverageScore[]> => {
      const name = nameOf(spec.tuned.split('/checkpoints/')[0] ?? '');
      calls.push(`average ${name}`);
      return [1, ...spec.shares, 0].map((share) => {
        const { business, generic } = script.averageOf?.(share, name) ?? { business: 0, generic: 0 };
        const change = { mean: share * 0.1, standardError: 0.01, n: 200 };
        const exact = { validation: business, generic };
        const [fromBase, fromTuned] = [{ generic: change }, { validation: change }];
        return { share, losses: { validation: 0.1, generic: 0.1 }, exact, fromBase, fromTuned };
      });
    },
    writeAverage: async ({ tuned, share }: { tuned: string; share: number }) => {
      calls.push(`write average ${share} of ${nameOf(tuned.split('/checkpoints/')[0] ?? '')}`);
      return { uri: `file:///average-${share}` };
    },
    answerAsBase: async ({ into, limit }: { into: string; limit: number }) => {
      calls.push(`answer ${limit} generic questions as the base`);
      return { uri: `${into}/records.jsonl`, records: limit, left: 0 };
    },
    exportModel: async ({ into, checkpoint }: { into: string; checkpoint: string }) => {
      script.exported?.(checkpoint);
      return { uri: into };
    },
    answerOffline: async ({ into, adapter }: { into: string; adapter: string | null }) => {
      calls.push(`answer as ${adapter === null ? 'a whole model' : 'an adapter'}`);
      return { answersUri: `${into}/answers.jsonl` };
    },
  };
}
