/** Cleaning and rewriting answers (R5): what is asked for, what is proposed, and what a person decided. */
import { z } from 'zod';
import { AnswerKind } from './evaluation.js';
import { DataSource, Prompt } from './resolved.js';
import { Decoding, Endpoint } from './serving.js';

export const rewritePurposes = ['format', 'style', 'correct', 'answer'] as const;
/**
 * `format` brings an answer into the declared form, `style` says it in the wanted style, `correct` contradicts a label
 * where several runs agree, `answer` answers for a picture that has no answer yet.
 */
export const RewritePurpose = z.enum(rewritePurposes);
export type RewritePurpose = z.infer<typeof RewritePurpose>;

export const Style = z.strictObject({
  text: z.string().min(1).optional().describe('The style in words, such as "one short sentence, present tense".'),
  examples: z
    .array(z.strictObject({ before: z.string(), after: z.string() }))
    .max(20)
    .default([])
    .describe('Answers as they are, and as they should be.'),
});
export type Style = z.infer<typeof Style>;

const GivenEndpoint = z.strictObject({
  baseUrl: z.url().describe('Up to and without /chat/completions.'),
  model: z.string().describe('The model’s name there.'),
  apiKeyVariable: z.string().optional().describe('Environment variable that holds the key.'),
});

/** The one argument of the workflow `rewriteRecords`, and what the UI's box takes. */
export const RewriteInput = z.strictObject({
  task: z.string().optional().describe('Task folder or task.json; its dataset is built first.'),
  dataset: z.string().optional().describe('A dataset folder that is built already, instead of the task’s newest.'),
  answer: AnswerKind.prefault({ kind: 'text' })
    .optional()
    .describe('What an answer looks like, where only a dataset folder is given.'),
  purpose: RewritePurpose.describe('format, style, correct or answer.'),
  endpoint: GivenEndpoint.optional().describe('Who rewrites; the endpoint of the task where it is left out.'),
  judge: GivenEndpoint.optional().describe('Who says whether two answers mean the same; else the endpoint itself.'),
  entailment: z
    .boolean()
    .default(false)
    .describe('Ask in two more calls, one a direction, whether a rewrite says the same as the answer.'),
  style: Style.optional().describe('The target style of the purpose style.'),
  pictures: z
    .boolean()
    .optional()
    .describe('Show the pictures: always for correct and answer; off by default for format and style.'),
  decoding: Decoding.partial()
    .optional()
    .describe('How answers are drawn. Temperature 0.7 for correct and answer, 0 for format and style.'),
  runs: z.int().min(1).max(9).default(3).describe('Answers to each question for correct and answer (M4).'),
  concurrency: z.int().min(1).max(256).default(8).describe('Calls at once; lowered when the endpoint says slow down.'),
  windowRecords: z.int().min(1).max(5000).default(500).describe('Records that one activity handles, about.'),
  limit: z.int().positive().optional().describe('So many of the concerned records, chosen by their content.'),
  length: z
    .strictObject({ least: z.number().nonnegative().default(0.5), most: z.number().positive().default(2) })
    .prefault({})
    .describe('Length of a rewrite over that of the answer, for free text; more for words that become sentences (M4).'),
  acceptLossless: z
    .boolean()
    .default(false)
    .describe('Apply fixes of format that the answer kind proves lossless without a person.'),
});
export type RewriteInput = z.infer<typeof RewriteInput>;

/** An input that works as it stands, for error messages and forms. */
export const exampleRewriteInput = {
  task: 'examples/digits',
  purpose: 'correct',
  endpoint: { baseUrl: 'http://127.0.0.1:8000/v1', model: 'a-model' },
};

/** All that a rewriting interprets, fixed when it begins. */
export const RewritePlan = z.strictObject({
  run: z.string(),
  folder: z.string().describe('URI of .anneal/rewrites/<run>/.'),
  store: z.string().describe('URI of the folder with every answer that was received, by content.'),
  reviews: z.string().describe('URI of the file in which decisions are kept.'),
  source: DataSource.nullable().describe('The records behind the dataset; null where only a folder was given.'),
  answer: AnswerKind,
  prompt: Prompt,
  purpose: RewritePurpose,
  endpoint: Endpoint,
  judge: Endpoint.nullable(),
  style: Style.nullable(),
  pictures: z.boolean(),
  decoding: Decoding,
  runs: z.int(),
  concurrency: z.int(),
  windowRecords: z.int(),
  limit: z.int().nullable(),
  length: z.strictObject({ least: z.number(), most: z.number() }),
  acceptLossless: z.boolean(),
});
export type RewritePlan = z.infer<typeof RewritePlan>;

/** One check of a rewrite; `passes` is null where it does not apply. */
export const MeaningCheck = z.strictObject({
  name: z.enum(['form', 'scorer', 'numbers', 'units', 'negations', 'names', 'length', 'entailment']),
  passes: z.boolean().nullable(),
  detail: z.string(),
});
export type MeaningCheck = z.infer<typeof MeaningCheck>;

export const Agreement = z.strictObject({
  agree: z.int().describe('Runs that gave this answer.'),
  of: z.int().describe('Runs that gave any.'),
  label: z.int().describe('Runs that gave the answer that stands in the data.'),
});
export type Agreement = z.infer<typeof Agreement>;

/** One proposal, a line of changes.jsonl. It is never edited: what became of it stands in reviews.jsonl. */
export const Change = z.strictObject({
  id: z
    .string()
    .describe('Digest of row, purpose and new answer: the same proposal has the same id in every rewriting.'),
  run: z.string(),
  record: z.string(),
  source: z.string().nullable(),
  line: z.int().nullable(),
  question: z.string().describe('Key of the question: texts and pictures by content.'),
  was: z.string().nullable().describe('Digest of the answer before; null where there was none.'),
  content: z.string().describe('Digest of the texts of the row, by which a change of the source is noticed.'),
  images: z.array(z.string()).describe('Digests of the pictures.'),
  pictures: z.array(z.string()).describe('Files of the pictures, relative to the folder of this file.'),
  asked: z.string(),
  before: z.string().nullable(),
  after: z.string(),
  purpose: RewritePurpose,
  reason: z.string(),
  model: z.string().nullable().describe('null where a rule made it.'),
  endpoint: z.string().nullable(),
  prompt: z.string().nullable().describe('Digest of the prompt and the decoding.'),
  agreement: Agreement.nullable(),
  checks: z.array(MeaningCheck),
  lossless: z.boolean().describe('The answer kind proves that nothing but the form changes.'),
  rank: z.int().min(0).max(9).describe('Place in the review queue: 0 is looked at first.'),
  status: z.enum(['proposed', 'accepted', 'refused']),
});
export type Change = z.infer<typeof Change>;

/**
 * What became of each record that was considered. `withheld`: a rewrite that failed a check; `declined`: the model
 * would not answer; `malformed`: cut off or not an answer; `unreached`: faults of the transport that persisted.
 */
export const rewriteFates = [
  'proposed',
  'accepted',
  'refusedBefore',
  'unchanged',
  'withheld',
  'declined',
  'malformed',
  'unreached',
] as const;

export const RewriteLedgerRow = z.strictObject({
  record: z.string(),
  source: z.string().nullable(),
  line: z.int().nullable(),
  fate: z.enum(rewriteFates),
  change: z.string().nullable(),
  reason: z.string(),
  given: z.string().nullable().describe('The rewrite that was not proposed.'),
});
export type RewriteLedgerRow = z.infer<typeof RewriteLedgerRow>;

/** Calls for the questions of a rewriting, those of earlier attempts and rewritings included: asked = answered + lost + unanswered. */
export const CallCounts = z.strictObject({
  asked: z.int().describe('Calls that were begun.'),
  answered: z.int().describe('Answers that were received and written down.'),
  reused: z.int().describe('Answers among them that were there already, and cost nothing now.'),
  unanswered: z.int().describe('Calls that ended without an answer, with their reason.'),
  lost: z
    .int()
    .describe(
      'Calls that were begun when a worker was killed, and may have been paid: at most the concurrency each time.',
    ),
});
export type CallCounts = z.infer<typeof CallCounts>;

export const RewriteCounts = z.strictObject({
  read: z.int(),
  notConcerned: z.int().describe('Records that the purpose has nothing to do with, or over the limit.'),
  fates: z.record(z.enum(rewriteFates), z.int()),
  calls: CallCounts,
});
export type RewriteCounts = z.infer<typeof RewriteCounts>;

export const RewriteResult = z.strictObject({
  run: z.string(),
  folder: z.string().describe('changes.jsonl, ledger.jsonl, review.csv, review.html.'),
  review: z.string().describe('URI of the page for the person who reviews.'),
  counts: RewriteCounts,
});
export type RewriteResult = z.infer<typeof RewriteResult>;

/** rewrite.json: what a rewriting was, for those who review it. */
export const RewriteSummary = z.strictObject({
  schema: z.literal('anneal.rewrite/1'),
  plan: RewritePlan,
  dataset: z.string(),
  counts: RewriteCounts,
  pages: z.array(z.string()),
});
export type RewriteSummary = z.infer<typeof RewriteSummary>;

/** One decision, a line of reviews.jsonl, which is only appended to. The last decision on a change holds. */
export const Review = z.strictObject({
  schema: z.literal('anneal.review/1'),
  at: z.string(),
  by: z.string(),
  decision: z.enum(['accept', 'edit', 'refuse']),
  change: z.string(),
  purpose: RewritePurpose,
  record: z.string(),
  source: z.string().nullable(),
  question: z.string(),
  was: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().describe('The answer that holds, or of a refusal the one that was refused.'),
  afterDigest: z.string(),
  model: z.string().nullable(),
});
export type Review = z.infer<typeof Review>;
