import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { RoundProgress } from '../../config/progress.js';
import type { Approval } from '../../config/retraining.js';

/** The same name as that of a run: whoever asks a workflow how far it is needs to know one. */
export const roundProgressQuery = defineQuery<RoundProgress>('progress');
export const exampleInputQuery = defineQuery<object>('exampleInput');
/** A person's word on a challenger that won. */
export const approveUpdate = defineUpdate<string, [Approval]>('approve');
