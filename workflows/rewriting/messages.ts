import { defineQuery } from '@temporalio/workflow';
import type { RewriteCounts } from '../../config/rewriting.js';

/** The state of a rewriting as machines read it. */
export interface RewriteProgress {
  run: string;
  stage: 'plan' | 'build' | 'probe' | 'rewrite' | 'finish' | 'done';
  windows: number;
  windowsDone: number;
  fates: Partial<RewriteCounts['fates']>;
  calls: RewriteCounts['calls'] | null;
}

/** The same name as that of a run: whoever asks a workflow how far it is needs to know one. */
export const rewriteProgressQuery = defineQuery<RewriteProgress>('progress');
