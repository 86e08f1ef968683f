/** What the query `progress` answers, of each workflow that has it: the state as machines read it. */
import { z } from 'zod';
import { BudgetStanding } from './budget.js';
import { CaptionCalls } from './captioning.js';
import { RecordedDecision } from './decisions.js';
import { BoostResult, runStates } from './report.js';
import { RetrainResult } from './retraining.js';
import { CallCounts, rewriteFates } from './rewriting.js';

export const RunProgress = z.strictObject({
  run: z.string(),
  state: z.enum(runStates),
  verdict: z.string().describe('The outcome in one sentence, or what is going on.'),
  step: z.string(),
  question: z.string().nullable().describe('What a person is asked now, and how to answer.'),
  reportUri: z.string().nullable(),
  outcome: BoostResult.shape.outcome.nullable().describe('null until the run is closed.'),
  decisions: z.array(RecordedDecision.pick({ id: true, verdict: true, reason: true })),
  budget: BudgetStanding.nullable().describe('null where the run has no budget.'),
});
export type RunProgress = z.infer<typeof RunProgress>;

export const RoundProgress = z.strictObject({
  ...RunProgress.shape,
  outcome: RetrainResult.shape.verdict.nullable().describe('null until the round is closed.'),
  challengerRun: z.string().nullable().describe('Workflow id of the run that trains the challenger; null before it.'),
});
export type RoundProgress = z.infer<typeof RoundProgress>;

/** What windows of a captioning came to, before any filter. */
export const Captioned = z.strictObject({
  ...CaptionCalls.shape,
  windows: z.int(),
  pictures: z.int().describe('Different ones.'),
  unanswered: z.int(),
});
export type Captioned = z.infer<typeof Captioned>;

export const CaptionProgress = z.strictObject({
  ...Captioned.shape,
  run: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  step: z.enum(['list', 'caption', 'finish', 'dataset']),
  verdict: z.string(),
  ofPictures: z.int().describe('Pictures there are; 0 while they are being listed, as of windows.'),
  ofWindows: z.int(),
  rate: z.number().describe('Answers received a second, over the windows of this part.'),
  folderUri: z.string().nullable(),
  live: z.string().nullable().describe('How far the windows are, for people; null before and after.'),
  question: z.null().describe('A captioning asks nobody, and decides nothing that could be overruled.'),
  decisions: RunProgress.shape.decisions.max(0),
});
export type CaptionProgress = z.infer<typeof CaptionProgress>;

export const RewriteProgress = z.strictObject({
  run: z.string(),
  stage: z.enum(['plan', 'build', 'probe', 'rewrite', 'finish', 'done']),
  windows: z.int(),
  windowsDone: z.int(),
  fates: z.partialRecord(z.enum(rewriteFates), z.int()).describe('Records by what became of them.'),
  calls: CallCounts.nullable().describe('null before the first window is done.'),
});
export type RewriteProgress = z.infer<typeof RewriteProgress>;
