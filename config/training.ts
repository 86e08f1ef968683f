import { z } from 'zod';

/** Why jobs were stopped that a later submit takes up again: any other stop was decided and stands. */
export const cancelledRun = 'The run was cancelled.';
export const pausedByBudget = 'A cap of the run’s budget is reached; the job goes on when a person extends it.';

/** Whether a job that was stopped so goes on when it is submitted again. */
export function isResumable(why: string | undefined): boolean {
  return why === cancelledRun || why === pausedByBudget;
}

/** The training contract (docs/training-contract.md): spec.json in, events.jsonl and checkpoints/ out. */

/** One kind of data, mixed into training or evaluated on. */
export const TrainingSet = z.strictObject({
  uri: z.string().describe('A .jsonl file of task records; images are relative to its folder.'),
  limit: z.int().positive().optional().describe('Use this many records, chosen by the hash of seed and id.'),
  limitSeed: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'Seed of that choice; the job’s where it is left out. Jobs of several seeds are judged on equal items by it.',
    ),
  leastQuality: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Use the records of this quality and above; one that says none has 1 (R15).'),
  phrasings: z
    .array(z.string())
    .optional()
    .describe('Templates for the user text, with {question} in them; one is drawn for each record (R14).'),
  system: z
    .string()
    .optional()
    .describe('System text of every record, in place of its own: a model is trained under the one it is served with.'),
});
export type TrainingSet = z.infer<typeof TrainingSet>;

export const LoraSettings = z.strictObject({
  rank: z.int().positive().default(16).describe('Rank of the adapter.'),
  alpha: z.int().positive().default(32).describe('Scale of the adapter is alpha over rank.'),
  dropout: z.number().min(0).max(0.5).default(0).describe('Probability.'),
});

/** What a supervised training trains: all weights, or an adapter. */
export const TuningMethod = z.enum(['full', 'lora']);
export type TuningMethod = z.infer<typeof TuningMethod>;

/** The parts of a vision-language model (docs/models.md). */
export const FrozenPart = z.enum(['vision', 'projector', 'language']);
export type FrozenPart = z.infer<typeof FrozenPart>;

/** Experiment trackers that a trainer may hand its figures to. */
export const Tracker = z.enum(['tensorboard', 'mlflow', 'wandb', 'trackio']);
export type Tracker = z.infer<typeof Tracker>;
/** How pairs are learnt by DPO. The defaults are methods M10's. */
export const PreferenceSettings = z.strictObject({
  reference: z
    .string()
    .describe('The checkpoint that answers are compared with: the one that training starts from, never its base.'),
  trains: z.enum(['full', 'lora']).default('full').describe('What is trained where the model is no adapter already.'),
  beta: z.number().positive().default(0.1).describe('How dearly leaving the reference is paid for.'),
  sftWeight: z
    .number()
    .nonnegative()
    .default(0.2)
    .describe('Weight of the loss on the chosen answers, which keeps their likelihood up.'),
});
export type PreferenceSettings = z.infer<typeof PreferenceSettings>;

export const TrainingSpec = z.strictObject({
  schema: z.literal('anneal.training/1'),
  key: z.string().min(1).describe('The same key adopts the running job.'),
  model: z.string().describe('Folder of the base model, or of the checkpoint to go on from.'),
  train: z.strictObject({
    business: TrainingSet.describe('The task’s records.'),
    generic: TrainingSet.optional().describe('Generic records; needed where the mix has generic parts.'),
    mix: z
      .strictObject({ business: z.number().positive(), generic: z.number().nonnegative() })
      .describe('Parts of business to generic samples in every epoch, exact by count (R12).'),
  }),
  evaluate: z
    .record(z.string().regex(/^[a-z]+$/), TrainingSet)
    .describe('Named held-out sets, such as validation and generic; each gives its own loss (R16).'),
  method: z
    .enum(['full', 'lora', 'dpo'])
    .default('full')
    .describe('full trains all weights, lora an adapter; dpo trains on preferences (R3).'),
  lora: LoraSettings.prefault({}).describe('Used where method is lora.'),
  freeze: z
    .array(FrozenPart)
    .optional()
    .describe('Parts that full tuning leaves as they are; an adapter changes the language model alone (R10).'),
  experts: z
    .strictObject({
      active: z.int().positive().optional().describe('Experts that see each token; the checkpoints say so too.'),
      routerLoss: z
        .number()
        .nonnegative()
        .optional()
        .describe('Weight of the loss that keeps the router even; 0 leaves it out.'),
    })
    .optional()
    .describe('Of a mixture of experts; what is left out is as the model’s configuration says (R10).'),
  preferences: PreferenceSettings.optional().describe(
    'Needed where method is dpo; train.business then holds records with a rejected answer, evaluate.preferences held-out ones.',
  ),
  learningRate: z.number().positive().describe('Peak learning rate.'),
  schedule: z
    .enum(['constant', 'linear', 'cosine'])
    .default('constant')
    .describe('After warm-up. Constant can be resumed longer.'),
  warmupRatio: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.03)
    .describe('Share of all steps over which the rate rises to its peak.'),
  epochs: z.number().positive().describe('Passes over the business data.'),
  untilEpoch: z
    .number()
    .positive()
    .optional()
    .describe('Ends after so many of these passes, so that another job can go on: a rung of a sweep (R10).'),
  continues: z
    .string()
    .optional()
    .describe('Checkpoint of a job that differs in key and untilEpoch alone; begins where it ended, exactly (R10).'),
  batchSize: z.int().positive().describe('Samples an optimizer step.'),
  microBatchSize: z
    .int()
    .positive()
    .optional()
    .describe(
      'Samples that go through the model at once; gradients accumulate up to batchSize, which is also the default.',
    ),
  gradientCheckpointing: z
    .enum(['auto', 'on', 'off'])
    .optional()
    .describe(
      'Activations computed twice rather than kept: slower, less memory. auto, the default: from 10⁹ weights on.',
    ),
  order: z
    .enum(['shuffled', 'byLength'])
    .optional()
    .describe('byLength: batches of similar lengths, in random order; less padding. shuffled is the default.'),
  weightDecay: z.number().nonnegative().default(0).describe('Of the optimizer, AdamW.'),
  gradientClip: z.number().positive().default(1).describe('Largest norm of the gradient.'),
  evaluationsPerEpoch: z
    .number()
    .positive()
    .default(3)
    .describe('Three an epoch, the watchdog wants at least 12 in all (M7).'),
  keepCheckpoints: z.int().positive().default(50).describe('So many whole checkpoints are kept, the newest.'),
  augment: z
    .strictObject({ shiftPixels: z.number().nonnegative() })
    .prefault({ shiftPixels: 0 })
    .describe('Random shift, as a share of 100 pixels of the width (label-safe by declaration, R7).'),
  seed: z.int().nonnegative().default(1).describe('The same seed gives the same order, mix and augmentation.'),
  precision: z.enum(['auto', 'float32', 'bfloat16']).default('auto').describe('auto: bf16 where the machine has it.'),
  packing: z.boolean().default(false).describe('Several records in one sequence, where the trainer can.'),
  trackers: z
    .array(Tracker)
    .optional()
    .describe(
      'Experiment trackers told of each step; they write to trackers/ in the job folder unless their environment says otherwise.',
    ),
  layout: z
    .strictObject({ tensor: z.int().positive(), pipeline: z.int().positive(), data: z.int().positive() })
    .prefault({ tensor: 1, pipeline: 1, data: 1 })
    .describe('Parallel layout (R10).'),
});
export type TrainingSpec = z.infer<typeof TrainingSpec>;
export type TrainingSpecInput = z.input<typeof TrainingSpec>;

/** How a model and its reference tell the pairs of one set apart (R3); log-probabilities are of whole answers. */
export const PreferenceFigures = z.strictObject({
  pairs: z.int().positive(),
  loss: z.number().nullable().describe('Mean of -log sigmoid(beta * margin): ln 2 where model and reference are one.'),
  accuracy: z.number().describe('Share of pairs whose chosen answer gained more over the reference.'),
  margin: z.number().nullable().describe('Mean gain of the chosen over that of the rejected answer, nats, times beta.'),
  chosen: z.number().nullable().describe('Mean log-probability of the chosen answers, nats.'),
  rejected: z.number().nullable().describe('Mean log-probability of the rejected answers, nats.'),
});
export type PreferenceFigures = z.infer<typeof PreferenceFigures>;

/** What a mix is in tokens that are learnt: captions are long, and 10:1 by records may be 1:2 by tokens (R12). */
const AnswerTokens = z
  .strictObject({ business: z.number().nonnegative(), generic: z.number().nonnegative() })
  .describe('Answer tokens an epoch, after mixing.');

const event = {
  time: z.number().describe('Seconds since 1970 by the trainer’s clock; order by step, not by this.'),
  attempt: z.int().positive(),
};

/** What a trainer calls its failure (docs/errors.md). */
const FailureCause = z.enum([
  'data',
  'model',
  'memory',
  'space',
  'diverged',
  'noSignal',
  'keysDiffer', // weights are missing, or there are some that the model hasn't
  'adapterMatchesNothing',
  'adapterOfAnotherBase',
  'checkpointBroken', // half-written, a shard missing, no weights
  'mergedEqualsBase',
  'resumeTrainedNothing',
  'endedEarly', // fewer steps than planned, though nobody asked it to stop
  'internal',
]);

/** One line of events.jsonl. After a kill and a resume a step may appear twice: the highest attempt counts. */
export const TrainingEvent = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('waiting'),
    ...event,
    step: z.int().nonnegative(),
    message: z.string().describe('What for: no GPU is free, and who holds them. Said every minute.'),
  }),
  z.strictObject({
    event: z.literal('started'),
    ...event,
    pid: z.int(),
    step: z.int().nonnegative().describe('The step resumed from; 0 is the beginning.'),
    totalSteps: z.int().positive(),
    stepsPerEpoch: z.number().positive(),
    samples: z.strictObject({ business: z.int(), generic: z.int() }).describe('Records an epoch, after mixing.'),
    answerTokens: AnswerTokens.optional(),
    device: z.string(),
    precision: z.string(),
    trainableParameters: z.int().positive(),
    microBatchSize: z.int().positive().optional().describe('Samples that go through the model at once.'),
  }),
  z.strictObject({
    event: z.literal('step'),
    ...event,
    step: z.int().positive(),
    epoch: z.number(),
    loss: z.number().nullable().describe('null stands for NaN or infinity.'),
    gradNorm: z.number().nullable(),
    learningRate: z.number(),
    samplesPerSecond: z.number().nullable(),
  }),
  z.strictObject({
    event: z.literal('evaluation'),
    ...event,
    step: z.int().nonnegative(),
    epoch: z.number(),
    losses: z
      .record(z.string(), z.number().nullable())
      .describe('Mean answer loss by set, nats per answer token, mean over items.'),
    standardErrors: z.record(z.string(), z.number().nullable()),
    exact: z.record(z.string(), z.number()).describe('Share of items whose whole answer is the teacher-forced argmax.'),
    itemLosses: z.string().describe('File, relative to the job folder: {set: {id: loss}}.'),
    preferences: PreferenceFigures.optional().describe('Where the method is dpo: of the set named preferences.'),
  }),
  z.strictObject({ event: z.literal('checkpoint'), ...event, step: z.int().nonnegative(), path: z.string() }),
  z.strictObject({
    event: z.literal('memory'),
    ...event,
    step: z.int().nonnegative().describe('Steps done when memory ran out; 0 also in the dry step before the first.'),
    from: z.int().positive().describe('The micro-batch that did not fit.'),
    to: z.int().positive().describe('The one that the step is taken again with; batchSize stays.'),
    message: z.string(),
  }),
  z.strictObject({
    event: z.literal('space'),
    ...event,
    step: z.int().nonnegative().describe('The step whose checkpoint could not be written; training goes on.'),
    message: z.string(),
  }),
  z.strictObject({
    event: z.literal('finished'),
    ...event,
    step: z.int().nonnegative(),
    stopped: z.boolean().describe('True when it was asked to stop before its planned end.'),
  }),
  z.strictObject({
    event: z.literal('interrupted'),
    ...event,
    step: z.int().nonnegative(),
    signal: z.string().describe('The process was told to end; the job is not: another attempt resumes it.'),
  }),
  z.strictObject({
    event: z.literal('failed'),
    ...event,
    step: z.int().nonnegative(),
    cause: FailureCause,
    message: z.string(),
  }),
]);
export type TrainingEvent = z.infer<typeof TrainingEvent>;

export const Checkpoint = z.strictObject({ step: z.int().nonnegative(), uri: z.string() });
export type Checkpoint = z.infer<typeof Checkpoint>;

/** Written last, by rename. */
export const TrainingResult = z.strictObject({
  schema: z.literal('anneal.result/1'),
  key: z.string(),
  steps: z.int().nonnegative(),
  stopped: z.boolean(),
  samplesSeen: z.int().nonnegative(),
  rowsTrained: z.strictObject({ business: z.int(), generic: z.int() }).describe('Distinct records.'),
  changed: z.boolean().describe('False when the last weights equal the base’s: a failure, whatever the exit code.'),
  checkpoints: z.array(Checkpoint),
  trainSeconds: z.number().nonnegative(),
  wallSeconds: z.number().nonnegative().describe('All attempts, process start included.'),
  attempts: z.int().positive(),
});
export type TrainingResult = z.infer<typeof TrainingResult>;

/** What a trainer can do; a plan that asks for more is refused before submit. */
export const TrainerCapabilities = z.strictObject({
  name: z.string(),
  version: z.string(),
  methods: z.array(z.enum(['full', 'lora', 'dpo'])),
  packing: z.boolean(),
  namedEvaluationSets: z.boolean(),
  perItemLosses: z.boolean(),
  probes: z.boolean().optional().describe('Whether it has the command probe, which diagnoses a training (R9).'),
  averages: z
    .boolean()
    .optional()
    .describe('Whether it has the commands averages and interpolate, which average a base and its tuned form (R12).'),
  experts: z.boolean().optional().describe('Whether it takes the spec’s experts.'),
  layouts: z.strictObject({ maximumTensor: z.int(), maximumPipeline: z.int(), maximumData: z.int() }),
  devices: z.array(z.string()).describe('The first is the one that it would train on.'),
  memoryBytes: z
    .int()
    .positive()
    .nullable()
    .optional()
    .describe('Of that device, or of the machine where it has none of its own; null where that is not known.'),
  trackers: z.array(Tracker).optional().describe('Those that are installed.'),
});
export type TrainerCapabilities = z.infer<typeof TrainerCapabilities>;

/** A job as workflows hold it. */
export const JobHandle = z.strictObject({
  key: z.string(),
  folder: z.string().describe('URI of the job folder.'),
  attempt: z.int().positive(),
  adopted: z.boolean().describe('True when a job of this key was there already.'),
});
export type JobHandle = z.infer<typeof JobHandle>;

/** How a loss changed on the same items. */
export const LossChange = z.strictObject({
  mean: z.number().describe('Later less earlier, nats an answer token.'),
  standardError: z.number().nonnegative().describe('Of the mean of the differences by item.'),
  n: z.int().positive().describe('Items.'),
});
export type LossChange = z.infer<typeof LossChange>;

/** Standard errors of how a set's loss changed on the same items, nats; null where it is not known. */
const pairedErrors = z.record(z.string(), z.number().nullable());

/** One evaluation as the watchdog sees it. */
export const EvaluationPoint = z.strictObject({
  step: z.int().nonnegative(),
  epoch: z.number(),
  losses: z.record(z.string(), z.number().nullable()),
  standardErrors: z.record(z.string(), z.number().nullable()),
  exact: z.record(z.string(), z.number()),
  preferences: PreferenceFigures.optional(),
  pairedErrors: z
    .strictObject({
      sinceFirst: pairedErrors,
      sinceBest: pairedErrors.describe('Since the earlier point of the lowest loss of the set.'),
    })
    .optional()
    .describe('By item, where the trainer keeps the losses of items; the change itself is that of the means (M7).'),
});
export type EvaluationPoint = z.infer<typeof EvaluationPoint>;

/** What `watchTraining` returns: everything known of the job, in figures. */
export const TrainingProgress = z.strictObject({
  state: z
    .enum(['running', 'finished', 'interrupted', 'lost', 'stalled', 'failed', 'unreachable'])
    .describe(
      'lost: the process is proven gone without a word; stalled: it lived, wrote nothing for too long and was ended; unreachable: unknown, which is never failed.',
    ),
  attempt: z.int(),
  step: z.int(),
  totalSteps: z.int(),
  stepsPerEpoch: z.number(),
  answerTokens: AnswerTokens.optional(),
  evaluations: z.array(EvaluationPoint).describe('By step, the latest attempt of each.'),
  badSteps: z
    .strictObject({ notANumber: z.array(z.int()), noSignal: z.array(z.int()) })
    .describe('Logged steps with NaN loss or gradient; with loss 0 and a constant gradient, or a gradient of 0.'),
  checkpoint: Checkpoint.nullable(),
  pace: z
    .strictObject({ seconds: z.number().nonnegative(), steps: z.int().nonnegative() })
    .optional()
    .describe('Seconds of all attempts by their events, and the steps trained in them. Runs of before have none.'),
  failure: z.strictObject({ cause: z.string(), message: z.string() }).nullable(),
  survived: z
    .array(z.string())
    .optional()
    .describe('What the trainer got over without help, one sentence each; left out when there was nothing.'),
});
export type TrainingProgress = z.infer<typeof TrainingProgress>;

/** What heartbeats carry: the UI shows it as live progress. At most 2 KB. */
export const TrainingHeartbeat = z.strictObject({
  stage: z.string(),
  step: z.int(),
  totalSteps: z.int(),
  epoch: z.number(),
  loss: z.number().nullable(),
  losses: z.record(z.string(), z.number().nullable()),
  samplesPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  checkpoint: z.string().nullable(),
  pid: z.int().nullable(),
  attempt: z.int(),
  waiting: z.string().optional().describe('What the trainer waits for, where it has not begun.'),
});
export type TrainingHeartbeat = z.infer<typeof TrainingHeartbeat>;
