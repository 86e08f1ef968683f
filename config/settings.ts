import { z } from 'zod';
import { BudgetSettings } from './budget.js';
import { AlignSettings } from './preferences.js';
import { QualitySettings } from './quality.js';
import { Decoding } from './serving.js';
import { SweepSettings } from './sweep.js';
import { FrozenPart, Tracker, TuningMethod } from './training.js';

/** Parts of business to generic; both sides are always named (R6, R12). */
export const MixRatio = z.strictObject({
  business: z.number().positive().describe('Parts of business samples.'),
  generic: z.number().nonnegative().describe('Parts of generic samples; 0 is business only.'),
});
export type MixRatio = z.infer<typeof MixRatio>;

/** What is cheap in place of more generic data, at the cost of one training each (R12, methods M8). */
export const MixAlternative = z.enum(['lowerRate', 'lowRank', 'ownAnswers']);
export type MixAlternative = z.infer<typeof MixAlternative>;

/** A stage that is trained between the coarse and the fine one (R14). */
export const MiddleStage = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,29}$/, 'use lower-case letters, digits and dashes, 30 at most'),
  epochs: z.number().positive().describe('Passes over its records at most.'),
  rateFactor: z.number().positive().max(1).default(1).describe('Its learning rate over the coarse stage’s (M9).'),
  leastQuality: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('It trains on the records of this quality and above; 0 takes all (R15).'),
  phrasings: z
    .array(z.string().includes('{question}'))
    .min(1)
    .optional()
    .describe('How it puts the question; as the coarse stage does where it is left out.'),
});

/** Every number of the recipe. Each is a default that a preset, a task or a run overrides; the report names which did. */
export const RecipeSettings = z.strictObject({
  seed: z
    .int()
    .nonnegative()
    .default(1)
    .describe('Chooses the split, the order of samples, and which items are asked.'),
  onQuestion: z
    .enum(['wait', 'stop', 'default'])
    .default('wait')
    .describe('Where a person is asked and nobody answers: wait on, stop, or go on by the default.'),
  questionHours: z
    .number()
    .nonnegative()
    .default(0)
    .describe('How long a question stays open before stop or default applies.'),
  budget: BudgetSettings.optional().describe('What the run may cost; none sets no limit (docs/recipe.md).'),
  data: z
    .strictObject({
      split: z
        .strictObject({
          train: z.number().positive().default(0.6).describe('Share that is trained on.'),
          dev: z
            .number()
            .nonnegative()
            .default(0.05)
            .describe('Share that no stage trains: preferences are sampled on it first.'),
          validation: z.number().positive().default(0.1).describe('Share that steers training.'),
          test: z.number().positive().default(0.25).describe('Share that decides; read once a decision.'),
        })
        .prefault({})
        .describe('Shares by the hash of a record’s group, so that new data never moves old records.'),
      maximumRejected: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe('Above this share of rows rejected a person is asked.'),
      maximumAspect: z
        .number()
        .positive()
        .default(199)
        .describe('Longest side over shortest; Qwen’s processor refuses above 200.'),
      maximumPixels: z
        .int()
        .positive()
        .default(50_000_000)
        .describe('Pixels of one picture; above it is refused before decoding.'),
      fetchImages: z
        .boolean()
        .default(false)
        .describe('Whether pictures named by web addresses are downloaded at import, once each.'),
      fetchPrivate: z
        .boolean()
        .default(false)
        .describe('Whether that may call addresses of the own network, which a data file could misuse.'),
      maximumTokens: z.int().positive().default(2048).describe('Tokens of one record, image tokens included.'),
      maximumFrames: z.int().positive().default(8).describe('Frames of one clip; of more, so many are taken evenly.'),
      animated: z
        .enum(['refuse', 'first'])
        .default('refuse')
        .describe('Pictures of several frames or pages: refuse them, or take the first one.'),
      truncated: z
        .enum(['refuse', 'accept'])
        .default('refuse')
        .describe('Pictures that end too early: refuse them, or accept them with the missing part grey.'),
      extremeAspect: z
        .enum(['refuse', 'pad'])
        .default('refuse')
        .describe('Pictures over maximumAspect: refuse them, or pad them with white.'),
      tooLarge: z
        .enum(['refuse', 'shrink'])
        .default('refuse')
        .describe('Pictures over maximumPixels: refuse them, or shrink them while they are loaded.'),
      quality: QualitySettings,
    })
    .prefault({}),
  prompt: z
    .strictObject({
      decoding: Decoding.prefault({}),
      maximumItems: z.int().positive().default(800).describe('Test items at most for one gate.'),
      concurrency: z
        .int()
        .positive()
        .default(8)
        .describe('Calls at once to an endpoint; lowered when it says slow down.'),
    })
    .prefault({}),
  training: z
    .strictObject({
      method: TuningMethod.default('full').describe('full trains all weights, lora an adapter.'),
      learningRate: z
        .number()
        .positive()
        .max(1e-1)
        .default(1e-5)
        .describe('Peak learning rate of the first runs (R8); LoRA starts at ten times that.'),
      epochs: z
        .number()
        .positive()
        .default(10)
        .describe('Passes over the business data at most, mix and stages together (R8, R11).'),
      batchSize: z.int().positive().default(16).describe('Samples an optimizer step, business and generic.'),
      processes: z
        .int()
        .positive()
        .default(1)
        .describe(
          'Processes that share every step, one a GPU; more than the trainer has room for are refused (R10). Preferences take one.',
        ),
      evaluationsPerEpoch: z
        .number()
        .positive()
        .default(3)
        .describe('Evaluation points in each pass over the business data (M7).'),
      freeze: z
        .array(FrozenPart)
        .default([])
        .describe(
          'Parts that full tuning leaves as they are, of vision, projector and language (R10, docs/models.md).',
        ),
      shiftPixels: z
        .number()
        .nonnegative()
        .default(0)
        .describe('Augmentation by small shifts, per cent of the width (R7).'),
      evaluationItems: z.int().positive().default(200).describe('Items of each named set at an evaluation point.'),
      stalledMinutes: z
        .number()
        .positive()
        .default(30)
        .describe(
          'A trainer that says nothing for so long is ended and goes on from its checkpoint; twice in vain is a failure.',
        ),
      trackers: z
        .array(Tracker)
        .optional()
        .describe('Experiment trackers that every training reports to; none by default. Each must be installed.'),
    })
    .prefault({}),
  sanity: z
    .strictObject({
      maximumExamples: z.int().positive().default(500).describe('Training examples of the first run (M5).'),
      epochs: z
        .number()
        .positive()
        .default(10)
        .describe(
          'Passes over those examples at most (R8), and half as many again where they are nearly repeated (M5).',
        ),
      ceiling: z
        .number()
        .positive()
        .max(1)
        .default(0.9)
        .describe('Lower bound of the training-set score that says canRepeat (M5).'),
      floor: z.number().positive().max(1).default(0.8).describe('Upper bound under which it cannotRepeat (M5).'),
      items: z.int().positive().default(200).describe('Training items that are asked back through the served model.'),
      enoughLoss: z
        .number()
        .nonnegative()
        .default(0.03)
        .describe('Answer loss on the training set, nats a token, at which the run may end early.'),
      probes: z
        .strictObject({
          use: z
            .boolean()
            .default(true)
            .describe('Take the probes that name what is wrong, where the trainer has them.'),
          records: z.int().min(8).max(64).default(32).describe('Records that they read.'),
          overfitSteps: z
            .int()
            .positive()
            .default(80)
            .describe('Steps in which eight records must be learnt by heart (M5).'),
          overfitLoss: z.number().positive().default(0.02).describe('Loss below which they are, nats a token (M5).'),
        })
        .prefault({}),
    })
    .prefault({}),
  sweep: SweepSettings,
  mix: z
    .strictObject({
      ratios: z
        .array(MixRatio)
        .min(1)
        .default([
          { business: 10, generic: 1 },
          { business: 5, generic: 1 },
          { business: 1, generic: 1 },
        ])
        .describe('Tried in this order; the first inside the generic budget is taken (R12).'),
      epochs: z.number().positive().default(3).describe('Epochs of each ratio that is tried.'),
      averaging: z
        .array(z.number().gt(0).lt(1))
        .default([0.9, 0.7, 0.5])
        .describe(
          'Shares of the tuning that averages with the base keep. They are measured, and nothing is trained, where a ratio is outside the generic budget (M8); none: no averages.',
        ),
      businessMargin: z
        .number()
        .nonnegative()
        .max(1)
        .default(0.01)
        .describe('Share of all business answers that an average or an alternative may cost (M8).'),
      alternatives: z
        .array(MixAlternative)
        .default([])
        .describe(
          'Tried after the first ratio, at that ratio, a training each (M8): lowerRate halves the rate; lowRank takes a quarter of the rank, for lora; ownAnswers learns the base model’s own answers to the generic questions.',
        ),
      genericBudget: z
        .number()
        .positive()
        .max(1)
        .default(0.05)
        .describe('Share of the generic score that tuning may cost.'),
      lossBudget: z
        .number()
        .positive()
        .default(0.05)
        .describe('Rise of generic loss over step 0 that the watchdog allows, all stages together, as a share (M7).'),
      lossFloor: z
        .number()
        .nonnegative()
        .default(0.02)
        .describe('The same in nats a token at least: a share of a loss near zero is noise.'),
    })
    .prefault({}),
  stages: z
    .strictObject({
      coarseEpochs: z
        .number()
        .nonnegative()
        .default(4)
        .describe('Passes of the coarse stage over the business data at most (R14).'),
      fineEpochs: z
        .number()
        .nonnegative()
        .default(3)
        .describe('Passes of the fine stage over the business data at most (R14).'),
      fineRateFactor: z
        .number()
        .positive()
        .max(1)
        .default(0.4)
        .describe('Learning rate of the fine stage over the coarse one’s (M9).'),
      between: z
        .array(MiddleStage)
        .default([])
        .describe('Further stages, in their order, each from the best checkpoint of the one before (R14, R15).'),
    })
    .prefault({}),
  align: AlignSettings,
  watchdog: z
    .strictObject({
      window: z.int().min(6).max(8).default(8).describe('Evaluation points looked back (M7).'),
      minimumPoints: z.int().min(6).default(6).describe('No verdict before so many evaluation points (M7).'),
      minimumEpochs: z
        .number()
        .nonnegative()
        .default(1)
        .describe('No verdict before so many passes over the business data (M7).'),
      badSteps: z.int().positive().default(3).describe('Logged steps with NaN or no signal that stop a run.'),
    })
    .prefault({}),
  evaluation: z
    .strictObject({
      testItems: z
        .int()
        .positive()
        .default(800)
        .describe('Held-out business items at most that are asked after tuning.'),
      genericItems: z.int().positive().default(400).describe('Honest only for margins of 4 points and more (M8).'),
      genericKept: z
        .number()
        .positive()
        .max(1)
        .default(0.9)
        .describe('Share of generic ability that must be left for the task to count as solved.'),
      blindItems: z
        .int()
        .nonnegative()
        .default(100)
        .describe('Test items that are asked again with others’ pictures and with grey ones; 0 asks none (R9).'),
      parityProbes: z.int().positive().default(300).describe('Held-out items that trainer and server both answer.'),
      parityAgreement: z
        .number()
        .positive()
        .max(1)
        .default(0.99)
        .describe(
          'Share of greedy answers equal between adapter, merged model and server; below, the run is not done.',
        ),
    })
    .prefault({}),
});
export type RecipeSettings = z.infer<typeof RecipeSettings>;
export type RecipeSettingsInput = z.input<typeof RecipeSettings>;

/** Passes over the business data of all stages together. Recipes that an earlier version resolved name no stage between. */
export function stagedEpochs({ coarseEpochs, fineEpochs, between = [] }: RecipeSettings['stages']): number {
  return between.reduce((sum, { epochs }) => sum + epochs, coarseEpochs + fineEpochs);
}
