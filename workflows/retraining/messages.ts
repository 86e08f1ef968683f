import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { Approval, RetrainResult } from '../../config/retraining.js';
import type { RunProgress } from '../run/messages.js';

/** The state of a round as machines read it. */
export interface RoundProgress extends Omit<RunProgress, 'outcome'> {
  outcome: RetrainResult['verdict'] | null;
  /** Workflow id of the run that trains the challenger; null before it. */
  challengerRun: string | null;
}

/** The same name as that of a run: whoever asks a workflow how far it is needs to know one. */
export const roundProgressQuery = defineQuery<RoundProgress>('progress');
export const exampleInputQuery = defineQuery<object>('exampleInput');
/** A person's word on a challenger that won. */
export const approveUpdate = defineUpdate<string, [Approval]>('approve');
