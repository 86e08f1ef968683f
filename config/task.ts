import { z } from 'zod';
import { Augment } from './augment.js';
import { AnswerKind } from './evaluation.js';
import { businessLicences, GenericSource } from './genericSources.js';
import { presetNames } from './presets.js';
import { RecipeSettings } from './settings.js';
import { LanguageSetting, VariantWish } from './variants.js';

/** Overrides are checked by name and type where they are merged (config/resolve.ts); here only the shape is. */
const Overrides = z.record(z.string(), z.unknown());

/** task.json: what a user writes. Paths are relative to its folder. */
export const TaskFile = z.strictObject({
  $schema: z.string().optional().describe('For editors; Anneal does not read it.'),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and dashes, 40 at most')
    .describe('Short name; becomes part of the run’s id.'),
  description: z.string().optional().describe('One sentence for the report.'),
  records: z.array(z.string()).min(1).describe('JSONL or CSV files with images, questions and answers.'),
  format: z.enum(['auto', 'jsonl', 'csv']).default('auto').describe('auto tells it by the content.'),
  fields: z
    .strictObject({
      id: z.string().default('id').describe('Identifies a record; records without one are named by file and row.'),
      image: z.string().default('image').describe('Path of the picture, relative to the task folder, or a data URI.'),
      question: z.string().default('question').describe('The question.'),
      answer: z.string().default('answer').describe('The answer that is wanted.'),
      group: z.string().optional().describe('What must stay on one side of a split: document, customer, scene.'),
      kind: z.string().optional().describe('The kind of question, for slices in the report.'),
    })
    .prefault({})
    .describe('Names of the fields or columns, where they differ.'),
  question: z.string().optional().describe('The question of every record, where the records hold none.'),
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
    .describe('A preset, or the folder of a model.'),
  preset: z.enum(presetNames).optional().describe('The size whose settings apply, where baseModel is a folder.'),
  generic: z
    .strictObject({
      captions: z.string().optional().describe('Records file of the caption type.'),
      instructions: z.string().optional().describe('Records file of the instruction type.'),
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
});
export type BoostInput = z.infer<typeof BoostInput>;

/** An input that works as it stands, for error messages and forms. */
export const exampleBoostInput = { task: 'examples/digits' };
