import { z } from 'zod';
import { AnswerKind } from './evaluation.js';
import { Endpoint } from './serving.js';
import { RecipeSettings } from './settings.js';
import { TrainerCapabilities } from './training.js';

/** Where a setting's value came from. */
export const Provenance = z.strictObject({
  path: z.string(),
  value: z.string(),
  from: z.enum(['preset', 'task', 'run', 'lora']),
  instead: z.string().describe('The default it replaces.'),
});
export type Provenance = z.infer<typeof Provenance>;

/** Records to build a dataset from. */
export const DataSource = z.strictObject({
  name: z.string(),
  files: z.array(z.string()).describe('Absolute paths.'),
  root: z.string().describe('Folder that image paths are relative to, and may not leave.'),
  format: z.enum(['auto', 'jsonl', 'csv']),
  fields: z.strictObject({
    id: z.string(),
    image: z.string(),
    question: z.string(),
    answer: z.string(),
    group: z.string().optional(),
    kind: z.string().optional(),
  }),
  question: z.string().nullable(),
  answer: AnswerKind,
  reviews: z
    .string()
    .optional()
    .describe('File of decisions about answers, laid over the rows; none where it is not there.'),
});
export type DataSource = z.infer<typeof DataSource>;

/** How questions are put to a model: the same at prompting, training's fine stage, evaluation and in use. */
export const Prompt = z.strictObject({ system: z.string().nullable(), template: z.string() });
export type Prompt = z.infer<typeof Prompt>;

/** The only thing that the workflows interpret: every default, version and digest, fixed when the run begins. */
export const ResolvedRecipe = z.strictObject({
  run: z.string(),
  runFolder: z.string().describe('URI of .anneal/runs/<run>/.'),
  task: z.strictObject({
    name: z.string(),
    description: z.string().nullable(),
    file: z.string(),
    target: z.strictObject({ score: z.number(), formatValidity: z.number() }),
    answer: AnswerKind,
    prompt: Prompt,
    phrasings: z.strictObject({ coarse: z.array(z.string()), fine: z.array(z.string()) }),
  }),
  business: DataSource,
  generic: DataSource.nullable(),
  model: z.strictObject({
    uri: z.string(),
    preset: z.string(),
    digest: z.string(),
    architecture: z.string(),
    patch: z.int(),
    merge: z.int(),
    minimumPixels: z.int(),
    maximumPixels: z.int(),
    contextTokens: z.int(),
  }),
  endpoint: Endpoint.nullable(),
  settings: RecipeSettings,
  provenance: z.array(Provenance),
  trainer: TrainerCapabilities,
  searchAttributes: z.boolean().describe('Whether this Temporal knows ours; an unknown one would block the run.'),
  versions: z.record(z.string(), z.string()),
  digests: z.record(z.string(), z.string()),
});
export type ResolvedRecipe = z.infer<typeof ResolvedRecipe>;
