import { z } from 'zod';
import { Augment } from './augment.js';
import { AnswerKind } from './evaluation.js';
import { FormatName, Unanswered } from './formats.js';
import { GenericWish, SourceTerms } from './genericSources.js';
import { BaseModel } from './models.js';
import { Endpoint } from './serving.js';
import { RecipeSettings } from './settings.js';
import { TrainerCapabilities } from './training.js';
import { LanguageSetting, VariantWish } from './variants.js';

/** Where a setting's value came from. */
export const Provenance = z.strictObject({
  path: z.string(),
  value: z.string(),
  from: z.enum(['preset', 'task', 'run', 'lora']),
  instead: z.string().describe('The default it replaces.'),
});
export type Provenance = z.infer<typeof Provenance>;

/** Names of the fields or columns of a record. */
export const FieldNames = z.strictObject({
  id: z.string(),
  image: z.string(),
  question: z.string(),
  answer: z.string(),
  group: z.string().optional(),
  kind: z.string().optional(),
});
export type FieldNames = z.infer<typeof FieldNames>;

/** One entry of `records`: where it lies, and what holds for it rather than for the whole source. */
export const SourceFile = z.strictObject({
  path: z.string().describe('Absolute: a file, a folder, or a glob of files.'),
  format: FormatName.optional(),
  fields: FieldNames.optional(),
  question: z.string().optional(),
  images: z.string().optional().describe('Absolute: the folder that its picture paths are relative to.'),
  datasets: z.array(z.string()).optional().describe('Of a dataset_info.json: those that are meant; all by default.'),
  weight: z.number().min(0).max(1).optional().describe('Share of its groups that are used.'),
  trust: z.number().min(0).max(1).optional().describe('How far its answers can be trusted; 1 where it is missing.'),
  base: z
    .strictObject({ folder: z.string(), name: z.string() })
    .optional()
    .describe('Where it lies outside of the source’s root: the folder that its pictures may not leave, and its name.'),
});
export type SourceFile = z.infer<typeof SourceFile>;

/** Records to build a dataset from. Files are listed when it is built, so that a million of them take no payload. */
export const DataSource = z.strictObject({
  name: z.string(),
  files: z.array(SourceFile),
  root: z.string().describe('Folder that image paths are relative to, and may not leave.'),
  format: FormatName,
  fields: FieldNames,
  question: z.string().nullable(),
  answer: AnswerKind,
  unanswered: Unanswered,
  language: LanguageSetting.optional(),
  formats: z.array(VariantWish).optional().describe('What each training record is turned into besides (R7).'),
  augment: Augment.optional().describe('Changed copies of training pictures (R7).'),
  terms: z.array(SourceTerms).optional().describe('Of generic sources that were fetched: for the manifest.'),
  keepSplitsOf: z.string().optional().describe('URI of a dataset folder whose records keep their split.'),
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
  preferences: z.string().optional().describe('Absolute: the file of a person’s own pairs (R3).'),
  genericSources: z.array(GenericWish).optional().describe('Added to the generic data once they are fetched (R12).'),
  model: BaseModel,
  endpoint: Endpoint.nullable(),
  settings: RecipeSettings,
  provenance: z.array(Provenance),
  trainer: TrainerCapabilities,
  searchAttributes: z.boolean().describe('Whether this Temporal knows ours; an unknown one would block the run.'),
  versions: z.record(z.string(), z.string()),
  digests: z.record(z.string(), z.string()),
});
export type ResolvedRecipe = z.infer<typeof ResolvedRecipe>;
