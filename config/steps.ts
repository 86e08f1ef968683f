/** The steps of a run as whoever starts them by name knows them: what each workflow takes and returns. */
import { z } from 'zod';
import { Overrule, RecordedDecision } from './decisions.js';
import { Evaluation } from './evaluation.js';
import { DatasetRef } from './records.js';
import { Blind, MixTrial, Parity, TrainingSummary } from './report.js';
import { ResolvedRecipe } from './resolved.js';
import { MixRatio } from './settings.js';
import { Tuning } from './sweep.js';
import { Checkpoint, EvaluationPoint, TrainingProgress, TrainingSpec } from './training.js';

/** What every step is given. */
export const StepInput = z.strictObject({
  recipe: ResolvedRecipe,
  overrules: z.array(Overrule).default([]).describe('Those that a person has made so far.'),
  reportTo: z
    .string()
    .nullable()
    .default(null)
    .describe('Workflow id of the run that decisions and trainings are told to; null where a step is started alone.'),
});
export type StepInput = z.infer<typeof StepInput>;

export const Datasets = z.strictObject({
  business: DatasetRef.describe('Built from the task’s records.'),
  generic: DatasetRef.nullable().describe('Built from its generic data; null where it has none.'),
});
export type Datasets = z.infer<typeof Datasets>;

export const BuiltData = Datasets.extend({ decision: RecordedDecision });
export type BuiltData = z.infer<typeof BuiltData>;

/** What a step takes that needs nothing but data. */
export const DataStepInput = StepInput.extend({
  data: BuiltData.partial({ decision: true }).describe('The result of buildDataset; its decision is not looked at.'),
});
export type DataStepInput = z.infer<typeof DataStepInput>;

export const PromptResult = z.strictObject({
  decision: RecordedDecision,
  business: Evaluation,
  generic: Evaluation.nullable().describe(
    'General ability of the untouched model; null where the prompt was enough or there is no generic data.',
  ),
});
export type PromptResult = z.infer<typeof PromptResult>;

export const SanityResult = z.strictObject({ decision: RecordedDecision });
export type SanityResult = z.infer<typeof SanityResult>;

export const SweepTrials = z.strictObject({
  decision: RecordedDecision.pick({ verdict: true, reason: true, evidence: true }).extend({
    settles: z.string().exactOptional(),
  }),
  chosen: Tuning.nullable().describe('Of the chosen trial; null where the rates alone were compared.'),
  tunings: z.record(z.string(), Tuning).describe('Of all trials, by their names.'),
});
export type SweepTrials = z.infer<typeof SweepTrials>;

export const SweepResult = z.strictObject({
  decision: RecordedDecision,
  learningRate: z.number(),
  tuning: Tuning.optional().describe('All that halving settled; none where the rates alone were compared.'),
  trials: SweepTrials.optional().describe('What the trials say, to choose from anew. Sweeps of before have none.'),
});
export type SweepResult = z.infer<typeof SweepResult>;

export const SweepInput = DataStepInput.extend({
  before: SweepResult.optional().describe(
    'What the sweep came to before a person overruled its decision: the choice alone is made anew.',
  ),
});
export type SweepInput = z.infer<typeof SweepInput>;

/** What the sweep settled. */
const settled = {
  learningRate: z.number().positive().describe('Peak learning rate.'),
  tuning: Tuning.optional().describe('What the sweep settled beside the rate.'),
};

/** What an alternative to more generic data changes of the stages. */
export const StagesWish = z.strictObject({
  learningRate: settled.learningRate.exactOptional(),
  tuning: settled.tuning,
  genericUri: z.string().optional().describe('URI of the generic training records, where they are not the data set’s.'),
  averaged: z.boolean().optional().describe('Whether the result of the stages is averaged with the base.'),
});
export type StagesWish = z.infer<typeof StagesWish>;

export const MixInput = DataStepInput.extend(settled);
export type MixInput = z.infer<typeof MixInput>;

export const MixResult = z.strictObject({
  decision: RecordedDecision,
  ratio: MixRatio,
  model: z.string().describe('URI of the checkpoint that the stages go on from: the winner’s last.'),
  stages: StagesWish.optional().describe('What the winner asks of the stages beside its ratio.'),
  mix: z.array(MixTrial).optional(),
});
export type MixResult = z.infer<typeof MixResult>;

export const StagedInput = DataStepInput.extend({
  ...StagesWish.shape,
  ...settled,
  ratio: MixRatio,
  from: z.string().describe('URI of the checkpoint that the mix ended at: training goes on from there.'),
});
export type StagedInput = z.infer<typeof StagedInput>;

export const StagedResult = z.strictObject({
  decision: RecordedDecision,
  model: z.string().describe('URI of the chosen checkpoint of the last stage, or of its average with the base.'),
  mix: z.array(MixTrial).optional().describe('What was averaged after the last stage.'),
  outOfBudget: z.literal(true).optional().describe('Set where all training was ended: the model is as far as it came.'),
});
export type StagedResult = z.infer<typeof StagedResult>;

export const AlignInput = DataStepInput.extend({
  model: z.string().describe('URI of the chosen checkpoint of supervised tuning.'),
  chosen: RecordedDecision.describe('The decision that chose it.'),
  tuning: settled.tuning,
});
export type AlignInput = z.infer<typeof AlignInput>;

export const AlignResult = z.strictObject({
  decision: RecordedDecision,
  model: z.string().describe('URI of the aligned checkpoint where its gain is sure, else of the supervised one.'),
});
export type AlignResult = z.infer<typeof AlignResult>;

export const EvaluateInput = DataStepInput.extend({
  model: z.string().describe('URI of the chosen checkpoint; for LoRA an adapter over the base.'),
  genericBefore: Evaluation.nullable().describe('General ability of the base, of promptFirst.'),
  tuning: settled.tuning,
});
export type EvaluateInput = z.infer<typeof EvaluateInput>;

export const EvaluateResult = z.strictObject({
  decision: RecordedDecision,
  business: Evaluation,
  generic: Evaluation.nullable(),
  formats: Evaluation.nullable()
    .optional()
    .describe('In the formats that test records were turned into; none where the task wishes none.'),
  blind: Blind.nullable()
    .optional()
    .describe('With pictures that say nothing of the answer; none where none are asked.'),
  parity: Parity,
  model: z.string().describe('URI of the whole model, ready to serve.'),
});
export type EvaluateResult = z.infer<typeof EvaluateResult>;

/** What may end a training before its planned end, beside ill health. */
export const Watch = z.enum(['enoughToRepeat', 'overfitWatchdog', 'validationWatchdog', 'alignStop', 'healthOnly']);
export type Watch = z.infer<typeof Watch>;

export const GenericBaseline = z.strictObject({
  loss: z.number().describe('Generic loss where the first stage starts, nats a token.'),
  error: z
    .number()
    .nonnegative()
    .describe('Standard error, by item, of its rise over the stages before, nats a token.'),
});
export type GenericBaseline = z.infer<typeof GenericBaseline>;

export const TrainRunInput = StepInput.extend({
  step: z.string().describe('The step that trains, for its decisions.'),
  name: z.string().describe('Unique in the run: coarse, sweep/0.001.'),
  spec: TrainingSpec,
  watch: Watch.describe(
    'What may end it before its planned end, beside ill health. validationWatchdog is overfitWatchdog without the generic loss, which is judged later, on averages with the base.',
  ),
  genericBaseline: GenericBaseline.optional().describe(
    'What the generic budget counts from; its own step 0 where it is left out.',
  ),
});
export type TrainRunInput = z.infer<typeof TrainRunInput>;

export const TrainRunResult = z.strictObject({
  name: z.string(),
  points: z.array(EvaluationPoint),
  checkpoints: z.array(Checkpoint),
  failed: z
    .string()
    .nullable()
    .describe('Set when the trainer failed or its figures were ill; the steps decide what that means.'),
  stopped: z.string().nullable().describe('Set when a policy or a person ended it before its planned end.'),
  outOfBudget: z
    .literal(true)
    .optional()
    .describe('Set where a person ended all training at a cap of the budget; there may be no checkpoint.'),
  answerTokens: TrainingProgress.shape.answerTokens
    .unwrap()
    .nullable()
    .describe('Answer tokens an epoch; null where the trainer did not count them.'),
  summary: TrainingSummary,
});
export type TrainRunResult = z.infer<typeof TrainRunResult>;
