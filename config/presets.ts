import type { RecipeSettingsInput } from './settings.js';

/** A base model by size: what R8, R10 and R11 say for it, as overrides of the defaults. */
export interface Preset {
  /** Folder of the embedded model, relative to the package; null where the task must name one. */
  model: string | null;
  about: string;
  settings: RecipeSettingsInput;
}

/** Learning rate grids: methods M6. LoRA grids are ten times these. */
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
  '4b': {
    model: null,
    about: '2 to 4 billion parameters: up to 10 epochs at 1e-5 (R8, R11).',
    settings: { sweep: { learningRates: [5e-6, 1e-5, 2e-5, 4e-5] } },
  },
  '7b': {
    model: null,
    about: 'About 7 billion parameters: about 5 epochs (R11).',
    settings: {
      training: { epochs: 5, batchSize: 32 },
      mix: { epochs: 1 },
      sweep: { learningRates: [3e-6, 5e-6, 1e-5, 2e-5] },
      stages: { coarseEpochs: 2, fineEpochs: 2 },
    },
  },
  '72b': {
    model: null,
    about: '30 to 72 billion parameters: can overfit after 2 epochs (R11).',
    settings: {
      training: { learningRate: 5e-6, epochs: 2, batchSize: 64 },
      sanity: { epochs: 3 },
      sweep: { learningRates: [1e-6, 3e-6, 5e-6, 1e-5], epochs: 1 },
      mix: { epochs: 0.5 },
      stages: { coarseEpochs: 0.5, fineEpochs: 1 },
    },
  },
} as const satisfies Record<string, Preset>;
export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
