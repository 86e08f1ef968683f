/** What report.json holds beside the facts: read from the files that the facts name. */
import { z } from 'zod';
import { AnswerRow } from '../../config/evaluation.js';
import { DatasetManifest } from '../../config/records.js';
import { ReportFacts } from '../../config/report.js';
import { EvaluationPoint } from '../../config/training.js';

/** A training as its events tell it: by step, the latest attempt of each. */
export const TrainingCurve = z.strictObject({
  name: z.string(),
  device: z.string().nullable().describe('null while it has not started.'),
  stepsPerEpoch: z.number().nullable(),
  steps: z.array(z.strictObject({ step: z.int(), epoch: z.number(), loss: z.number().nullable() })),
  evaluations: z.array(EvaluationPoint),
  survived: z.array(z.string()).optional().describe('What the trainer got over without help.'),
});
export type TrainingCurve = z.infer<typeof TrainingCurve>;

export const ReportDetails = z.strictObject({
  manifests: z.strictObject({ business: DatasetManifest.nullable(), generic: DatasetManifest.nullable() }),
  examples: z
    .strictObject({ before: z.array(AnswerRow), after: z.array(AnswerRow) })
    .describe('Business answers, failures first.'),
  curves: z.array(TrainingCurve),
  unread: z.array(z.string()).describe('Files that the facts name and that could not be read, with the reason.'),
});
export type ReportDetails = z.infer<typeof ReportDetails>;

/** The whole of report.json. */
export const ReportFile = ReportFacts.extend({ details: ReportDetails });
export type ReportFile = z.infer<typeof ReportFile>;
