import { z } from 'zod';
import { DatasetRef } from './records.js';
import { Decoding } from './serving.js';

/** Asks for what a caption is good for in training: what can be seen, in whole sentences, and nothing else. */
export const captionPrompt =
  'Describe this picture in detail: what it shows, the parts and where they are, colours, and any text that can be read. ' +
  'Write whole sentences, and nothing that can not be seen.';

/** Openings of answers that are no captions; compared without case, at the beginning of an answer only. */
const refusalPhrases = [
  "i'm sorry",
  'i am sorry',
  'sorry, but',
  "i can't",
  'i cannot',
  'i am unable',
  "i'm unable",
  "i'm not able",
  'as an ai',
  'as a language model',
  'unfortunately, i',
];

/** Which captions are kept (methods M12). Each has its own reason in the ledger. */
export const CaptionFilters = z.strictObject({
  minimumWords: z.int().nonnegative().default(20).describe('A caption with fewer words is rejected: captionShort.'),
  maximumWords: z.int().positive().default(300).describe('A caption with more words is rejected: captionLong.'),
  repeatedWords: z
    .int()
    .nonnegative()
    .default(5)
    .describe('So many words in a row that come twice reject a caption: captionRepeats. 0 lets them pass.'),
  refusals: z
    .array(z.string().min(1))
    .default(refusalPhrases)
    .describe('A caption that begins with one of these is rejected: captionRefusal.'),
  duplicates: z
    .boolean()
    .default(true)
    .describe(
      'A caption that another picture has already, but for case and punctuation, is left out: captionRepeated.',
    ),
});
export type CaptionFilters = z.infer<typeof CaptionFilters>;

export const CaptionPictures = z.strictObject({
  maximumPixels: z.int().positive().default(50_000_000).describe('Pixels of one picture; above, it is not decoded.'),
  maximumAspect: z.number().positive().default(199).describe('Longest side over shortest.'),
  longestSide: z
    .int()
    .positive()
    .default(2048)
    .describe('A picture with a longer side is shrunk before it is sent; the dataset keeps it whole.'),
});
export type CaptionPictures = z.infer<typeof CaptionPictures>;

const CaptionEndpoint = z.strictObject({
  baseUrl: z.url().describe('Up to and without /chat/completions.'),
  model: z.string().min(1).describe('The model’s name there.'),
  apiKeyVariable: z
    .string()
    .optional()
    .describe('Environment variable that holds the key; the key itself is never written down.'),
});

/** The one argument of the workflow `captionImages`, and what the UI's box takes. */
export const CaptionInput = z
  .strictObject({
    images: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe(
        'Pictures: a folder, a glob, a file with a path a line, or a dataset folder, or several; relative to where `anneal dev` was started.',
      ),
    endpoint: CaptionEndpoint.optional().describe('The OpenAI-compatible endpoint that is asked.'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('In place of endpoint: "tiny", or the folder of a model, which Anneal serves meanwhile.'),
    prompts: z
      .array(z.string().min(1))
      .min(1)
      .default([captionPrompt])
      .describe('What is asked. Of several, each picture gets the one that its digest chooses.'),
    system: z.string().nullable().default(null).describe('The system message.'),
    decoding: Decoding.extend({
      maximumTokens: z
        .int()
        .positive()
        .default(512)
        .describe('Tokens of one caption at most; 300 words take about 400.'),
    }).prefault({}),
    concurrency: z
      .int()
      .positive()
      .max(1024)
      .default(16)
      .describe('Calls at once at most, all windows together; lowered when the endpoint says slow down.'),
    windowSize: z.int().min(1).max(100_000).default(1000).describe('Pictures that one activity captions.'),
    windowsAtOnce: z
      .int()
      .positive()
      .max(8)
      .default(2)
      .describe('Windows at once: while the last calls of one are awaited, another goes on.'),
    limit: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Only so many pictures, chosen by digest: a larger limit keeps those of a smaller one.'),
    pictures: CaptionPictures.prefault({}),
    filters: CaptionFilters.prefault({}),
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and dashes, 40 at most')
      .default('captions')
      .describe('Short name, of the dataset too.'),
    into: z
      .string()
      .min(1)
      .default('.anneal')
      .describe(
        'Folder that captions/, with all answers, and datasets/ lie in, relative to where `anneal dev` was started.',
      ),
    licence: z
      .string()
      .nullable()
      .default(null)
      .describe('What may be done with pictures and captions; noted with every caption.'),
    seed: z.int().nonnegative().default(1).describe('Chooses the split of the dataset.'),
  })
  .refine(({ endpoint, model }) => (endpoint === undefined) !== (model === undefined), {
    path: ['endpoint'],
    message: 'give either endpoint or model, and not both.',
  });
export type CaptionInput = z.infer<typeof CaptionInput>;

/** An input that works as it stands where there is a folder of that name. */
export const exampleCaptionInput = {
  images: 'photos',
  endpoint: { baseUrl: 'http://127.0.0.1:8000/v1', model: 'Qwen/Qwen3-VL-8B-Instruct' },
};

/** Why a listed picture has no caption in the dataset, beside the reasons of the import for pictures it can't use. */
export const captionReasons = {
  captionShort: 'fewer words than filters.minimumWords',
  captionLong: 'more words than filters.maximumWords',
  captionRepeats: 'the same words in a row come twice',
  captionRefusal: 'begins as a refusal does',
  captionCut: 'ends where decoding.maximumTokens cut it',
  captionThoughts: 'ended in its thoughts: raise decoding.maximumTokens, or serve the model without thinking',
  captionEmpty: 'no text came',
  refused: 'the model or its filter would not answer',
  samePicture: 'the file has the same content as another',
  captionRepeated: 'another picture has the same caption',
  limit: 'beyond the limit',
  noAnswer: 'the endpoint gave none while it answered others; started again, it is asked again',
} as const;

/** What all pictures that were listed came to. */
export const CaptionCounts = z.strictObject({
  listed: z.int(),
  used: z.int(),
  merged: z.int(),
  rejected: z.int(),
  waiting: z.int().describe('Asked in vain: another run with the same input asks them again.'),
  leftOut: z.int(),
  byReason: z.record(z.string(), z.int()),
});
export type CaptionCounts = z.infer<typeof CaptionCounts>;

/** What was asked of the endpoint, and what it gave. */
export const CaptionCalls = z.strictObject({
  received: z.int().describe('Answers that this run received.'),
  reused: z.int().describe('Answers that were there before: not asked again.'),
  interrupted: z.int().describe('Calls that were on their way when a worker ended; these may have been paid twice.'),
  promptTokens: z.int(),
  completionTokens: z.int(),
});
export type CaptionCalls = z.infer<typeof CaptionCalls>;

export const noCalls: CaptionCalls = { received: 0, reused: 0, interrupted: 0, promptTokens: 0, completionTokens: 0 };

export const CaptionResult = z.strictObject({
  run: z.string(),
  verdict: z.string(),
  folderUri: z.string().describe('Folder with captions.jsonl, ledger.jsonl and captioning.json.'),
  counts: CaptionCounts,
  calls: CaptionCalls,
  dataset: DatasetRef.nullable().describe('null where no caption passed.'),
});
export type CaptionResult = z.infer<typeof CaptionResult>;

/** A line of captions.jsonl: one caption and where it is from. Readable as a source of records. */
export const CaptionRow = z.strictObject({
  id: z.string(),
  image: z.string().describe('Path of the picture, relative to the folder named in captioning.json.'),
  question: z.string().describe('The prompt.'),
  answer: z.string().describe('The caption, as it came but for white space around it.'),
  model: z.string(),
  endpoint: z.string().nullable().describe('Base URL; null for a server of ours.'),
  prompt: z.string().describe('Digest of prompt, system message and decoding.'),
  licence: z.string().nullable(),
});
export type CaptionRow = z.infer<typeof CaptionRow>;
