import { z } from 'zod';
import { Augment } from './augment.js';
import { AnswerKind } from './evaluation.js';
import { FormatName, Unanswered } from './formats.js';
import { businessLicences, GenericSource } from './genericSources.js';
import { presetNames } from './presets.js';
import { RecipeSettings } from './settings.js';
import { LanguageSetting, VariantWish } from './variants.js';

/** Overrides are checked by name and type where they are merged (config/resolve.ts); here only the shape is. */
const Overrides = z.record(z.string(), z.unknown());

const fieldNames = {
  id: z.string().describe('Identifies a record; records without one are named by file and row.'),
  image: z.string().describe('Path of the picture, relative to the task folder, or a data URI.'),
  question: z.string().describe('The question.'),
  answer: z.string().describe('The answer that is wanted.'),
  group: z.string().describe('What must stay on one side of a split: document, customer, scene.'),
  kind: z.string().describe('The kind of question, for slices in the report.'),
};

/** One source of records: its path alone, or with what holds for it rather than for all. */
export const RecordsEntry = z.union([
  z.string(),
  z.strictObject({
    path: z.string().describe('A file, a folder or a glob such as data/*.jsonl.'),
    format: FormatName.optional().describe('Its format, where it is not recognised.'),
    fields: z.strictObject(fieldNames).partial().optional().describe('Names of its fields, where they differ.'),
    question: z.string().optional().describe('The question of every record of this source.'),
    images: z.string().optional().describe('The folder that its picture paths are relative to.'),
    datasets: z.array(z.string()).min(1).optional().describe('Of a dataset_info.json: those that are meant.'),
    weight: z.number().min(0).max(1).optional().describe('Share of its groups that are used; 1 if not given.'),
    trust: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('How far its answers can be trusted, for the quality of its records; 1 if not given (R14, R15).'),
  }),
]);
export type RecordsEntry = z.infer<typeof RecordsEntry>;

/** task.json: what a user writes. Paths are relative to its folder. */
export const TaskFile = z.strictObject({
  $schema: z.string().optional().describe('For editors; Anneal does not read it.'),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and dashes, 40 at most')
    .describe('Short name; becomes part of the run’s id.'),
  description: z.string().optional().describe('One sentence for the report.'),
  records: z
    .array(RecordsEntry)
    .min(1)
    .describe('Files, folders or globs of images, questions and answers, in any format of docs/data-formats.md.'),
  format: FormatName.default('auto').describe('auto tells it by the content; docs/data-formats.md has the names.'),
  fields: z
    .strictObject({
      id: fieldNames.id.default('id'),
      image: fieldNames.image.default('image'),
      question: fieldNames.question.default('question'),
      answer: fieldNames.answer.default('answer'),
      group: fieldNames.group.optional(),
      kind: fieldNames.kind.optional(),
    })
    .prefault({})
    .describe('Names of the fields or columns, where they differ.'),
  reviews: z
    .string()
    .default('reviews.jsonl')
    .describe('Decisions about answers, which `anneal data review` writes and every build lays over the records.'),
  preferences: z
    .string()
    .optional()
    .describe(
      'JSON Lines of your own pairs, {"id", "chosen", "rejected"}: the id of a record, and without chosen its answer (R3).',
    ),
  question: z.string().optional().describe('The question of every record, where the records hold none.'),
  unanswered: Unanswered.default('declared').describe(
    'Pictures without an answer: declared lets them wait where the answer is null or empty, wait always, reject never.',
  ),
  keepSplitsOf: z
    .string()
    .optional()
    .describe(
      'Dataset folder of an earlier build: its records stay in train, dev, validation or test, whatever is added.',
    ),
  answer: AnswerKind.describe('What an answer looks like and how it is judged.'),
  target: z
    .strictObject({
      score: z.number().min(0).max(1).describe('The share of held-out answers that must be right.'),
      formatValidity: z.number().min(0).max(1).default(0.99).describe('The share that must have the wanted form.'),
    })
    .describe('When the task counts as solved. There is no default: Anneal does not invent one.'),
  prompt: z
    .strictObject({
      system: z.string().optional().describe('The system message.'),
      template: z
        .string()
        .includes('{question}')
        .default('{question}')
        .describe('The user text; {question} is filled in.'),
    })
    .prefault({}),
  phrasings: z
    .strictObject({
      coarse: z.array(z.string().includes('{question}')).min(1).describe('Templates of the first stage.'),
      fine: z
        .array(z.string().includes('{question}'))
        .min(1)
        .describe('Templates of the second; you serve with its first.'),
    })
    .optional()
    .describe('How the question is put in each training stage (R14); the fine one is what you serve with.'),
  language: LanguageSetting.default('auto').describe(
    'Of the questions: for the wordings of formats and the words that augmentation heeds. auto tells it by each question.',
  ),
  formats: z
    .array(VariantWish)
    .default([])
    .refine((wishes) => new Set(wishes.map(({ format }) => format)).size === wishes.length, 'name each format once')
    .describe('What each training record is turned into besides (R7, docs/data-making.md). The original is kept.'),
  augment: Augment.optional().describe('Changed copies of training pictures (R7, docs/data-making.md).'),
  baseModel: z
    .union([z.enum(presetNames), z.string()])
    .default('tiny')
    .describe('A preset, or the folder of a model of a family that docs/models.md names.'),
  preset: z.enum(presetNames).optional().describe('The size whose settings apply, where baseModel is a folder.'),
  generic: z
    .strictObject({
      captions: RecordsEntry.optional().describe('Records of the caption type.'),
      instructions: RecordsEntry.optional().describe('Records of the instruction type.'),
      sources: z
        .array(z.union([z.string(), GenericSource]))
        .default([])
        .describe('Generic datasets by name, or as objects, from a folder or a hub (docs/data-making.md).'),
      licences: z
        .array(z.string())
        .default(businessLicences)
        .describe('Licences that generic sources may have. Others are refused before a byte is fetched.'),
      maximumGigabytes: z
        .number()
        .positive()
        .default(20)
        .describe('Of one generic source; above it nothing is fetched.'),
      answer: AnswerKind.prefault({ kind: 'attributes' }).describe('How generic answers are judged.'),
    })
    .optional()
    .describe('Generic data of both types, to measure and keep general ability (R12). The tiny preset brings its own.'),
  endpoint: z
    .strictObject({
      baseUrl: z.url().describe('Up to and without /chat/completions.'),
      model: z.string().describe('The model’s name there.'),
      apiKeyVariable: z
        .string()
        .optional()
        .describe('Environment variable that holds the key; the key itself is never written down.'),
    })
    .optional()
    .describe('Ask this OpenAI-compatible endpoint for the prompt’s figures, rather than a server of the base model.'),
  recipe: Overrides.default({}).describe('Overrides of the recipe’s numbers (docs/settings.md).'),
});
export type TaskFile = z.infer<typeof TaskFile>;

/** The one argument of the workflow `boost`, and what the UI's box takes. */
export const BoostInput = z.strictObject({
  task: z.string().describe('Task folder or task.json, relative to where `anneal dev` was started.'),
  recipe: Overrides.default({}).describe('Overrides for this run only.'),
  onQuestion: RecipeSettings.shape.onQuestion
    .unwrap()
    .optional()
    .describe('The setting onQuestion, for this run only.'),
  keepSplitsOf: z
    .string()
    .optional()
    .describe('The key keepSplitsOf of the task, for this run only: the URI of a dataset folder.'),
});
export type BoostInput = z.infer<typeof BoostInput>;
/** The same as callers write it: what has a default may be left out. */
export type BoostRequest = z.input<typeof BoostInput>;

/** An input that works as it stands, for error messages and forms. */
export const exampleBoostInput = { task: 'examples/digits' };
