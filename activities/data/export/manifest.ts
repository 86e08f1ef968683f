/** export.json: what an export says of itself. */
import { z } from 'zod';
import { Split } from '../../../config/records.js';
import { exportFormats } from './formats.js';

const ExportedFile = z.strictObject({
  name: z.string(),
  split: Split,
  pairs: z.boolean().describe('Whether a row is a pair of answers, for preference tuning.'),
  rows: z.int(),
  sha256: z.string(),
});
export type ExportedFile = z.infer<typeof ExportedFile>;

export const ExportManifest = z.strictObject({
  schema: z.literal('anneal.export/1'),
  to: z.enum(exportFormats),
  dataset: z.string().describe('Digest of the dataset.'),
  pictures: z.enum(['relative', 'absolute', 'inline']).describe('How rows name their pictures.'),
  counts: z
    .strictObject({
      records: z.int(),
      answers: z.int().describe('Rows that teach an answer.'),
      pairs: z.int().describe('Rows that teach to prefer one.'),
      refused: z.int().describe('Records that the format can’t hold: refused.jsonl says which and why.'),
      byReason: z.record(z.string(), z.int()),
    })
    .describe('records = answers + refused; of a format of pairs alone, records = pairs + refused.'),
  files: z.array(ExportedFile),
  use: z.array(z.string()).describe('How the trainer is told of the files.'),
});
export type ExportManifest = z.infer<typeof ExportManifest>;

/** A line of refused.jsonl. */
export const RefusedRecord = z.strictObject({
  id: z.string(),
  split: Split,
  reason: z.string(),
  detail: z.string(),
  remedy: z.string(),
});
export type RefusedRecord = z.infer<typeof RefusedRecord>;
