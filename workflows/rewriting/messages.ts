import { defineQuery } from '@temporalio/workflow';
import type { RewriteProgress } from '../../config/progress.js';

/** The same name as that of a run: whoever asks a workflow how far it is needs to know one. */
export const rewriteProgressQuery = defineQuery<RewriteProgress>('progress');
