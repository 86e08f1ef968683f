import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Overrule, RecordedDecision } from '../../config/decisions.js';
import type { BoostResult, ReportFacts, TrainingSummary } from '../../config/report.js';

/** The state of a run as machines read it. */
export interface RunProgress {
  run: string;
  state: ReportFacts['state'];
  verdict: string;
  step: string;
  question: string | null;
  reportUri: string | null;
  outcome: BoostResult['outcome'] | null;
  decisions: { id: string; verdict: string; reason: string }[];
}

export const progressQuery = defineQuery<RunProgress>('progress');
/** Every decision whole: its figures, what would settle it, and who overruled it. */
export const decisionsQuery = defineQuery<RecordedDecision[]>('decisions');
export const overruleUpdate = defineUpdate<string, [Overrule]>('overrule');

/** From a step to its run: a decision was taken. */
export const decidedSignal = defineSignal<[RecordedDecision]>('decided');
/** From a step to its run: how a training stands. */
export const trainedSignal = defineSignal<[TrainingSummary]>('trained');
/** From a run to its running step, and on to its training: a person overruled a decision. */
export const overruledSignal = defineSignal<[Overrule]>('overruled');
