import { z } from 'zod';
import { AnswerKind } from './evaluation.js';
import { SourceTerms } from './genericSources.js';

/** One piece of a message: text, or the image with this index in the record's `images`. */
export const Part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('image'), image: z.int().nonnegative() }),
  z.strictObject({ type: z.literal('text'), text: z.string() }),
]);
export type Part = z.infer<typeof Part>;

export const Message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.array(Part).min(1),
});
export type Message = z.infer<typeof Message>;

/** The one record format: the last message is the assistant's answer. Importers make it, adapters render it. */
export const TaskRecord = z.strictObject({
  id: z.string().min(1),
  messages: z.array(Message).min(1),
  images: z.array(z.string()).describe('File names relative to the dataset folder: images/<sha256>.png.'),
  group: z.string().describe('What must stay on one side of a split: the document, customer or picture.'),
  kind: z.string().optional().describe('The kind of question, for slices: a field of the source record.'),
  from: z
    .strictObject({ record: z.string(), by: z.string() })
    .optional()
    .describe('Of a record made from another: the id of that one, and what made it, such as multipleChoice (R7).'),
  answerKind: AnswerKind.optional().describe('How this answer is judged, where that is not as the task says.'),
  rejected: z.string().optional().describe('A worse answer to the same question, where the source gives pairs (R3).'),
  quality: z.number().min(0).max(1).optional().describe('How far the answer can be trusted, from the checks (R15).'),
});
export type TaskRecord = z.infer<typeof TaskRecord>;

/** A record to train preferences on: two answers, or one answer under two sets of pictures (R3). */
export const PreferenceRecord = TaskRecord.extend({
  rejected: z.string().describe('The worse answer.'),
  rejectedImages: z
    .array(z.string())
    .optional()
    .describe('Pictures under which it is the worse one, in the places of the record’s own; missing where those are.'),
});
export type PreferenceRecord = z.infer<typeof PreferenceRecord>;

export const splitNames = ['train', 'dev', 'validation', 'test'] as const;
/** No training sees `dev`: preference pairs are sampled on it. `validation` steers, `test` is read once a decision. */
export const Split = z.enum(splitNames);
export type Split = z.infer<typeof Split>;

/**
 * The fate of one row that was read. A row that waits has a picture and no answer yet (R5); one left out is sound, and
 * its source's weight or another setting has no use for it.
 */
export const fates = ['used', 'merged', 'rejected', 'waiting', 'leftOut'] as const;
export const LedgerRow = z.strictObject({
  source: z.string(),
  line: z.int().positive(),
  id: z.string().nullable(),
  fate: z.enum(fates),
  split: Split.nullable(),
  reason: z.string().nullable().describe('Why it is not used: a short code, such as imageMissing.'),
  detail: z.string().nullable().describe('The same for a person, or the repairs and notes of a used row.'),
});
export type LedgerRow = z.infer<typeof LedgerRow>;

/** A row whose answer is missing or has the wrong form, while its question and pictures are sound: unsettled.jsonl. */
export const UnsettledRow = z.strictObject({
  source: z.string(),
  line: z.int().positive(),
  id: z.string(),
  reason: z.string().describe('The reason in the ledger.'),
  messages: z.array(Message).min(1).describe('The question, without an answer.'),
  images: z.array(z.string()),
  given: z.string().nullable().describe('The answer as the row has it; null where it has none.'),
});
export type UnsettledRow = z.infer<typeof UnsettledRow>;

const Clustered = { clusters: z.int(), members: z.int(), largest: z.int() };

/** What the checks across all rows found (docs/data-checks.md). */
export const DatasetChecks = z.strictObject({
  conflicts: z.int().describe('Records that share pictures and question with one of another answer.'),
  nearPictures: z.strictObject({
    method: z.enum(['hashes', 'differences']),
    reason: z.string().nullable().describe('Why hashes of the pictures alone are not used.'),
    limit: z.number().describe('Mean difference of thumbnails up to which two pictures are copies.'),
    ...Clustered,
    suspects: z.int().describe('Pairs that may be copies: never merged.'),
    mirrors: z.int().describe('Pairs of which one is probably the other mirrored: never merged.'),
  }),
  nearTexts: z.strictObject({ texts: z.int(), reason: z.string().nullable(), ...Clustered }),
  languages: z.strictObject({
    texts: z.int(),
    undetermined: z.int(),
    byLanguage: z.array(z.strictObject({ language: z.string(), texts: z.int() })).describe('At most 20.'),
    main: z.string().nullable(),
    foreign: z.int().describe('Long texts in another language than the main one.'),
  }),
  personalData: z.array(z.strictObject({ kind: z.string(), rows: z.int(), first: z.array(z.string()) })),
  leaks: z
    .strictObject({ samePicture: z.int(), nearPicture: z.int(), sameGroup: z.int() })
    .describe('Pictures, clusters of near pictures, and groups on two sides of the split: 0 is the proof.'),
  testToTrain: z
    .array(z.int())
    .optional()
    .describe('Of at most 512 test pictures, how many have their nearest training picture at 0 to 64 bits of 64.'),
  splits: z.strictObject({
    moved: z.int().describe('Groups moved so that a rare class is learnt and judged.'),
    giants: z.int().describe('Groups so large that they are in train whole.'),
  }),
});
export type DatasetChecks = z.infer<typeof DatasetChecks>;

/** What a dataset folder says of itself. Lists that grow with the data are files beside it, never in here. */
export const DatasetManifest = z.strictObject({
  schema: z.literal('anneal.dataset/1'),
  digest: z.string(),
  sources: z.array(z.strictObject({ path: z.string(), format: z.string(), rows: z.int(), sha256: z.string() })),
  counts: z.strictObject({
    read: z.int(),
    used: z.int(),
    merged: z.int(),
    rejected: z.int(),
    waiting: z.int().default(0),
    leftOut: z.int().default(0),
    images: z.int(),
    bySplit: z.record(Split, z.int()),
    byReason: z.record(z.string(), z.int()),
    repairs: z.record(z.string(), z.int()),
    made: z
      .record(z.string(), z.int())
      .default({})
      .describe('Records made from these (R7), beside the ones used: by format or transform, and formatsTest.'),
    notMade: z
      .record(z.string(), z.int())
      .default({})
      .describe('Formats and transforms that were wished and not made, as "<what>: <why>".'),
    fine: z
      .int()
      .optional()
      .describe('Records of train-fine.jsonl (R15); none where the fine stage uses all of train.'),
  }),
  notes: z.array(z.string()).describe('What a person should know: imbalance, duplicates, odd keys.'),
  questions: z.array(z.string()).describe('What a person is asked before training goes on.'),
  answers: z.strictObject({
    distinct: z.int(),
    largestShare: z.number(),
    largest: z.string(),
    once: z.int().describe('Answers seen once: they cannot be validated.'),
  }),
  terms: z.array(SourceTerms).optional().describe('Licences and commits of the generic sources in it (R12).'),
  checks: DatasetChecks.optional().describe('Datasets of earlier versions have none.'),
  tokens: z.strictObject({ imageMaximum: z.int(), perImage: z.int(), textBytesMaximum: z.int() }),
});
export type DatasetManifest = z.infer<typeof DatasetManifest>;

/** A built dataset as workflows pass it: where it is and a few figures. */
export const DatasetRef = z.strictObject({
  uri: z.string().describe('Folder: manifest.json, ledger.jsonl, <split>.jsonl, images/.'),
  digest: z.string(),
  read: z.int(),
  used: z.int(),
  merged: z.int(),
  rejected: z.int(),
  waiting: z.int().optional().describe('Rows without an answer yet; none where it is missing.'),
  leftOut: z.int().optional().describe('Sound rows that are not wanted; none where it is missing.'),
  bySplit: z.record(Split, z.int()),
  formatsTest: z
    .int()
    .optional()
    .describe('Test records in other formats, formats-test.jsonl; none where the task wishes none (R7).'),
  fine: z.int().optional().describe('Records of train-fine.jsonl; none where the fine stage uses all of train (R15).'),
  ofQuality: z
    .array(z.strictObject({ least: z.number(), records: z.int() }))
    .optional()
    .describe('Training records of each quality that a stage asks for, and above (R15).'),
  largestShare: z.number(),
  notes: z.array(z.string()),
  questions: z.array(z.string()),
});
export type DatasetRef = z.infer<typeof DatasetRef>;
