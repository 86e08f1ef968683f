import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ExtendBudget, MeterReading, StopTraining } from '../../config/budget.js';
import type { Overrule, RecordedDecision } from '../../config/decisions.js';
import type { RunProgress } from '../../config/progress.js';
import type { TrainingSummary } from '../../config/report.js';

export const progressQuery = defineQuery<RunProgress>('progress');
/** Every decision whole: its figures, what would settle it, and who overruled it. */
export const decisionsQuery = defineQuery<RecordedDecision[]>('decisions');
export const overruleUpdate = defineUpdate<string, [Overrule]>('overrule');
export const extendBudgetUpdate = defineUpdate<string, [ExtendBudget]>('extendBudget');
/** At a question about the budget: no more training, and on with what is there. */
export const stopUpdate = defineUpdate<string, [StopTraining]>('stop');

/** From a step to its run: a decision was taken. */
export const decidedSignal = defineSignal<[RecordedDecision]>('decided');
/** From a step to its run: how a training stands. */
export const trainedSignal = defineSignal<[TrainingSummary]>('trained');
/** From a run to its running step, and on to its training: a person overruled a decision. */
export const overruledSignal = defineSignal<[Overrule]>('overruled');
/** From a training to its run: what it has spent, and whether it asks to train. */
export const meteredSignal = defineSignal<[MeterReading]>('metered');
/** From a run to a training: stop with a checkpoint and ask, train, or end with what is there. */
export type BudgetOrder = 'pause' | 'train' | 'end';
export const budgetSignal = defineSignal<[BudgetOrder]>('budget');
