import { z } from 'zod';
import { Interval } from './decisions.js';

/** How an answer is judged. */
export const AnswerKind = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('label'),
    labels: z.array(z.string().min(1)).min(2).describe('Every answer there is.'),
  }),
  z.strictObject({
    kind: z.literal('text'),
    ignoreCase: z.boolean().default(true).describe('Whether upper and lower case are the same.'),
  }),
  z.strictObject({
    kind: z.literal('number'),
    absoluteTolerance: z
      .number()
      .nonnegative()
      .default(0)
      .describe('Difference from the expected number that still is right.'),
    relativeTolerance: z
      .number()
      .nonnegative()
      .default(0)
      .describe('The same as a share of the expected number; the larger of both counts.'),
    decimal: z.enum(['.', ',']).default('.').describe('12,5 against 12.5 is ambiguous without it.'),
  }),
  z.strictObject({
    kind: z.literal('json'),
    fields: z
      .record(z.string(), z.enum(['string', 'number', 'integer', 'boolean']))
      .describe('The object’s fields and the type of each; the score is the share of fields that are right.'),
  }),
  z.strictObject({
    kind: z.literal('attributes'),
    separator: z
      .string()
      .default(' and ')
      .describe('Captions that list things: scored by the share of things named right.'),
  }),
  z.strictObject({
    kind: z.literal('choice'),
    options: z
      .array(z.string().min(1))
      .min(2)
      .max(26)
      .describe('The options in the order of their letters, A first. The letter or the whole option is an answer.'),
  }),
  z.strictObject({
    kind: z.literal('yesNo'),
    yes: z.array(z.string().min(1)).min(1).default(['yes']).describe('Words for yes; the first is the one asked for.'),
    no: z.array(z.string().min(1)).min(1).default(['no']).describe('Words for no; the first is the one asked for.'),
  }),
]);
export type AnswerKind = z.infer<typeof AnswerKind>;

/** One answered item, a line of answers.jsonl. Written as it comes: a received answer is never paid twice. */
export const AnswerRow = z.strictObject({
  id: z.string(),
  group: z.string(),
  slice: z.string().nullable(),
  answerKind: AnswerKind.optional().describe('How this one was judged, where that is not as the set says.'),
  question: z.string(),
  image: z.string().nullable().describe('File of the first image, for the report.'),
  expected: z.string(),
  given: z.string().nullable(),
  outcome: z
    .enum(['answered', 'cut', 'refused', 'excluded'])
    .describe('excluded: transport faults that persisted; counted, never scored.'),
  reason: z.string().nullable(),
  valid: z.boolean(),
  score: z.number().min(0).max(1),
  repaired: z.number().min(0).max(1).describe('Score after the fixed list of repairs (methods M1).'),
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
  milliseconds: z.number().nonnegative(),
});
export type AnswerRow = z.infer<typeof AnswerRow>;

/** Scores of one set through one endpoint: the figures that policies read. */
export const Evaluation = z.strictObject({
  name: z.string(),
  answersUri: z.string(),
  asked: z.int().nonnegative(),
  excluded: z.int().nonnegative(),
  cut: z.int().nonnegative(),
  refused: z.int().nonnegative(),
  score: Interval.describe('Right and valid; invalid answers score 0.'),
  validity: Interval.describe('Answers in the wanted form.'),
  contentWhenValid: z.number().nullable(),
  repaired: z.number(),
  majorityBaseline: z.number().describe('Score of always giving the commonest expected answer.'),
  balanced: z.number().nullable().describe('Mean recall by class, where the largest class is over 60 %.'),
  balancedInterval: Interval.nullable().optional().describe('The same with its bounds; groups counts the classes.'),
  bySlice: z.record(z.string(), Interval).describe('At most 20 slices.'),
  decodingDigest: z.string(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  seconds: z.number(),
});
export type Evaluation = z.infer<typeof Evaluation>;
