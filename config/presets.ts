import type { RecipeSettingsInput } from './settings.js';

/** A base model by size: what R8, R10 and R11 say for it, as overrides of the defaults. */
export interface Preset {
  /** Folder of the embedded model, relative to the package; null where the task must name one. */
  model: string | null;
  about: string;
  settings: RecipeSettingsInput;
  /** What takes their place where `training.method` is `lora`. */
  lora?: RecipeSettingsInput;
}

/** What the values of the sizes rest on, by setting; those of `tiny` were measured on examples/digits. */
export const presetSources: Record<string, string> = {
  'training.learningRate': 'R8 (1e-5); above 30B the middle of M6’s grid; LoRA 1e-4 at every size (M6)',
  'training.epochs': 'R11: 4B up to 10, 7B about 5, 70B can overfit after 2; M6 has 30B and more as 70B',
  'training.evaluationsPerEpoch': 'M7: 12 in a stage; fewer epochs want more in each, so that the watchdog has its 6',
  'training.batchSize': 'M6: 8 to 32 up to 4B, 16 to 32 at 7B, 32 to 64 above',
  'sanity.epochs': 'R8 and M5: about 10, fewer where R11 allows 2',
  'sweep.learningRates': 'M6: log grid by size; LoRA the grid of its own column',
  'sweep.epochs': 'M6: 3; half of R11’s passes for the largest',
  'sweep.trials': 'M6: 16 where a training is cheap, 9 otherwise, none where one is dear',
  'sweep.seeds': 'M6: 3; one less where a training costs twice as much',
  'sweep.finalists': 'M6: 3; one less where a training costs twice as much',
  'sweep.batchSizes': 'M6: the batches of its table',
  'sweep.loraRanks': 'M6: 16, 32, 64; alpha stays 32, so that the best rate hardly moves (LoRA Without Regret)',
  'mix.epochs': 'R11, shared with the stages',
  'stages.coarseEpochs': 'R11, shared with the mix',
  'stages.fineEpochs': 'R11, shared with the mix',
};

const loraRanks = [16, 32, 64];

/** Above 30 billion parameters each training takes hours on many GPUs: the rates alone are compared. */
const large = {
  training: { learningRate: 5e-6, epochs: 2, evaluationsPerEpoch: 12 },
  sanity: { epochs: 3 },
  sweep: { learningRates: [1e-6, 3e-6, 5e-6, 1e-5], epochs: 1 },
  mix: { epochs: 0.5 },
  stages: { coarseEpochs: 0.5, fineEpochs: 1 },
} satisfies RecipeSettingsInput;
const largeLora = { training: { learningRate: 1e-4 }, sweep: { learningRates: [2e-5, 5e-5, 1e-4] } };

export const presets = {
  tiny: {
    model: 'trainer/tiny_vlm/model',
    about:
      'The embedded 3 M parameter Qwen3-VL, for demos and tests on a laptop’s CPU. Overrides R8 (1e-5) and R11 (10).',
    // At 2e-3 only equal parts of generic data kept its general ability, and such epochs take twice as long: the grid ends below.
    settings: {
      training: { learningRate: 1e-3, epochs: 25, batchSize: 32, shiftPixels: 6, evaluationItems: 128 },
      sanity: { epochs: 25, enoughLoss: 0.04 },
      sweep: { learningRates: [2.5e-4, 5e-4, 1e-3], epochs: 3, extendAtEdge: false },
      mix: { genericBudget: 0.08, lossFloor: 0.15 },
      stages: { coarseEpochs: 5, fineEpochs: 11, fineRateFactor: 0.7 },
      align: { when: 'off', learningRate: 1e-4 },
    },
  },
  '2b': {
    model: null,
    about: 'About 2 billion parameters: up to 10 epochs at 1e-5 (R8, R11), and a wide sweep, as trainings are cheap.',
    settings: { sweep: { learningRates: [5e-6, 1e-5, 2e-5, 4e-5], trials: 16, batchSizes: [8, 16, 32] } },
    lora: { sweep: { learningRates: [5e-5, 1e-4, 2e-4, 4e-4], loraRanks } },
  },
  '4b': {
    model: null,
    about: 'About 4 billion parameters: up to 10 epochs at 1e-5 (R8, R11).',
    settings: { sweep: { learningRates: [5e-6, 1e-5, 2e-5, 4e-5], trials: 9, batchSizes: [8, 16, 32] } },
    lora: { sweep: { learningRates: [5e-5, 1e-4, 2e-4, 4e-4], loraRanks } },
  },
  '7b': {
    model: null,
    about: '7 to 8 billion parameters: about 5 epochs (R11).',
    settings: {
      training: { epochs: 5, batchSize: 32, evaluationsPerEpoch: 6 },
      mix: { epochs: 1 },
      sweep: {
        learningRates: [3e-6, 5e-6, 1e-5, 2e-5],
        trials: 9,
        batchSizes: [16, 32],
        seeds: 2,
        finalists: 2,
      },
      stages: { coarseEpochs: 2, fineEpochs: 2 },
    },
    lora: { sweep: { learningRates: [5e-5, 1e-4, 2e-4], loraRanks } },
  },
  '30b-a3b': {
    model: null,
    about:
      'A mixture of experts such as 30B-A3B, with 3 of 30 billion parameters active: it takes the memory of 30 and overfits as they do (M6), in about the time of 3.',
    settings: { ...large, training: { ...large.training, batchSize: 32 } },
    lora: largeLora,
  },
  '72b': {
    model: null,
    about: '30 to 72 billion parameters and more: can overfit after 2 epochs (R11).',
    settings: { ...large, training: { ...large.training, batchSize: 64 } },
    lora: largeLora,
  },
} as const satisfies Record<string, Preset>;
export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
