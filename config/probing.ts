import { z } from 'zod';
import { TrainingSpec } from './training.js';

/** The probe ladder of the sanity check (R9, methods M5): what is asked of the trainer's process, and its figures. */

/** `start`: before anything is trained. `trained`: of a training whose set is not repeated. */
const stage = z.enum(['start', 'trained']);

export const ProbeSpec = z.strictObject({
  schema: z.literal('anneal.probe/1'),
  stage,
  training: TrainingSpec.describe('The training that is examined: its model, records, method and rate.'),
  records: z.int().min(8).max(64).default(32).describe('Records that the probes read.'),
  checkpoint: z.string().nullable().default(null).describe('Folder of the trained checkpoint; stage trained needs it.'),
  answers: z
    .string()
    .nullable()
    .default(null)
    .describe('Lines of AnswerRow: what the served checkpoint said to training records.'),
  maximumTokens: z.int().positive().default(64).describe('Tokens of a generated answer at most.'),
  overfit: z
    .strictObject({
      steps: z.int().positive().default(80).describe('Optimizer steps at a constant rate.'),
      loss: z.number().positive().default(0.02).describe('Nats a token; the records are learnt below it.'),
    })
    .prefault({}),
});
export type ProbeSpec = z.infer<typeof ProbeSpec>;
export type ProbeSpecInput = z.input<typeof ProbeSpec>;

const count = z.int().nonnegative();
/** null stands for NaN or infinity. */
const figure = z.number().nullable();
const ids = z.array(z.string()).max(20).describe('Records that prove it, at most 20.');

const Labels = z.strictObject({
  records: count,
  exact: count.describe('Rows whose labelled text is the answer and its end token, nothing else.'),
  empty: count.describe('Rows without a label.'),
  cut: count.describe('Rows whose labels do not hold the whole answer and its end token.'),
  extra: count.describe('Rows whose labels hold more than that.'),
  ids,
  first: z.string().nullable().describe('The first row that is not exact, in words.'),
});

const Template = z.strictObject({
  records: count,
  equal: count.describe('Rows whose prompt has the same token ids in training and in serving.'),
  ids,
  first: z.string().nullable(),
});

const ImageTokens = z.strictObject({
  records: count,
  equal: count.describe('Rows with as many image tokens as the pixel grid gives features and the model’s rule counts.'),
  cut: count.describe('Rows longer than the model’s context.'),
  longest: count.describe('Tokens of the longest row.'),
  ids,
  error: z.string().nullable().describe('What the collation itself said, where it refused.'),
});

const Start = z.strictObject({
  loss: figure.describe('Nats an answer token, of the untouched model.'),
  entropy: figure.describe('Mean entropy of its predictions there, nats.'),
  uniform: z.number().describe('ln of the vocabulary: loss and entropy of a model that knows nothing.'),
  exact: z.number().describe('Share of rows that it answers already, teacher-forced.'),
  told: z.number().describe('Share of rows whose question holds the answer.'),
  missingWeights: count.describe('Tensors that the model folder lacks, which are random now.'),
  ignoredWeights: count.describe('Tensors of the folder that the model has no place for.'),
});

const Group = z.strictObject({
  name: z.enum(['language', 'projector', 'vision', 'adapter']),
  tensors: count,
  trainable: count.describe('Tensors of it that are trained.'),
  gradientNorm: figure,
  still: count.describe('Trained tensors without a gradient, or with one of zero.'),
  moved: count.describe('Tensors that the step changed.'),
});

const Step = z.strictObject({
  loss: figure,
  groups: z.array(Group),
  relativeUpdate: figure.describe('Norm of the change over the norm of the trained weights, of one step at the rate.'),
});

const Overfit = z.strictObject({
  learningRate: z.number(),
  factor: z.number().describe('Of the training’s own rate.'),
  records: count,
  steps: count,
  first: figure.describe('Loss before the first step, nats a token.'),
  loss: figure.describe('Loss after the last.'),
  right: count.describe('Records answered right by generation afterwards.'),
  ids: ids.describe('Records answered wrong.'),
});

const ProbedItem = z.strictObject({
  id: z.string(),
  served: z
    .string()
    .nullable()
    .describe('The first 160 characters that the served checkpoint said; null where it was not asked.'),
  score: z.number().min(0).max(1).nullable().describe('How right that is.'),
  generated: z.string().describe('As many that the checkpoint says by the training path, greedily.'),
  exact: z.boolean().describe('Whether every answer token is the teacher-forced argmax.'),
  loss: figure,
  shuffled: z
    .strictObject({ loss: figure, exact: z.boolean() })
    .nullable()
    .describe('The same with another record’s picture; null without one.'),
  blank: z.strictObject({ loss: figure, exact: z.boolean() }).nullable().describe('The same with a grey picture.'),
  picture: z
    .strictObject({
      side: count.describe('Shorter side, pixels.'),
      tokens: count.describe('Image tokens.'),
      contrast: z.number().describe('Standard deviation of the brightness, 0 to 127.5.'),
      sharpness: z.number().describe('Variance of the Laplacian of the brightness.'),
    })
    .nullable(),
});
export type ProbedItem = z.infer<typeof ProbedItem>;

/** A probe that was not taken is null and named in `notRun`. */
export const ProbeFigures = z.strictObject({
  schema: z.literal('anneal.probeFigures/1'),
  stage,
  imageTokens: ImageTokens.nullable(),
  labels: Labels.nullable(),
  template: Template.nullable(),
  start: Start.nullable(),
  step: Step.nullable(),
  items: z.array(ProbedItem).max(64).nullable(),
  overfit: z.array(Overfit).nullable().describe('The first at the training’s own rate; others only when that failed.'),
  notRun: z.array(z.string()).describe('Probes of the stage that were not taken, since one before them failed.'),
  seconds: z.number().nonnegative().describe('Without the start of the process.'),
});
export type ProbeFigures = z.infer<typeof ProbeFigures>;

/** How often something holds of records answered wrong and of those answered right. */
const Sided = z.strictObject({ wrong: count, right: count, ids });
export type Sided = z.infer<typeof Sided>;

/** What the records themselves say, with the served answers where there are some: no model is needed. */
export const RecordFigures = z.strictObject({
  rows: count.describe('Training records.'),
  asked: count,
  wrong: count.describe('Of those asked.'),
  conflicts: Sided.describe('In a cluster of the same pictures and question with different answers.'),
  truncated: z
    .strictObject({ ...Sided.shape, rows: count.describe('Of all training records.') })
    .describe('Whose expected answer breaks its own form or ends within a word.'),
  neighbour: z
    .strictObject({
      tested: count.describe('Wrong answers whose record has a neighbour in the source.'),
      fits: count.describe('Of these, the answers that are right for the neighbour on one side.'),
      otherFits: count.optional().describe('Those that are right for the neighbour on the other side.'),
      expected: z.number().describe('How many would fit by chance.'),
      deviation: z.number().describe('Standard deviation of that.'),
      side: z.enum(['before', 'after']).nullable(),
      ids,
    })
    .describe('The shift test: answers joined to the picture before or after.'),
  run: z
    .strictObject({ longest: count, chance: z.number().describe('Probability of one so long anywhere.'), ids })
    .describe('Wrong answers in a row, in the order of the source.'),
  text: z
    .strictObject({ judged: count, right: count, majority: z.number() })
    .describe('Records whose question, with the pictures of others, was answered alike: answers told by the text.'),
});
export type RecordFigures = z.infer<typeof RecordFigures>;
