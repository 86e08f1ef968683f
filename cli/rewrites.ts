/** Rewritings as Temporal knows them: starting, finding, following. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { RewriteProgress } from '../config/progress.js';
import { taskQueues } from '../config/queues.js';
import type { RewriteInput } from '../config/rewriting.js';
import type { rewriteRecords } from '../workflows/index.js';
import { isUnavailable } from './errors.js';

export type RewriteHandle = WorkflowHandle<typeof rewriteRecords>;

const pollMilliseconds = 2000;

/** Starts a rewriting, or finds the one of the same name that goes on. Answers that were received before cost nothing. */
export async function startRewrite(client: Client, input: RewriteInput, name: string): Promise<RewriteHandle> {
  const workflowId = `rewrite-${name}-${input.purpose}`;
  const { firstExecutionRunId: runId } = await client.workflow.start<typeof rewriteRecords>('rewriteRecords', {
    args: [input],
    taskQueue: taskQueues.recipe,
    workflowId,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `${input.purpose} for ${name}`,
  });
  return client.workflow.getHandle<typeof rewriteRecords>(workflowId, runId);
}

/** Says how far it is until it ends. Only reads: leaving it does nothing to the rewriting. */
export async function followRewrite(handle: RewriteHandle, say: (line: string) => void): Promise<void> {
  let told = '';
  for (;;) {
    const { status } = await handle.describe();
    const line = await progressLine(handle);
    if (line !== null && line !== told) say(line);
    told = line ?? told;
    if (status.name !== 'RUNNING') return;
    await pause(pollMilliseconds);
  }
}

/** null while no worker answers the query. */
async function progressLine(handle: RewriteHandle): Promise<string | null> {
  try {
    const { stage, windows, windowsDone, fates } = await handle.query<RewriteProgress>('progress');
    const counted = Object.entries(fates).filter(([, count]) => count > 0);
    const window = stage === 'rewrite' ? ` ${windowsDone} of ${windows} windows` : '';
    return [`${stage}${window}`, ...counted.map(([fate, count]) => `${count} ${fate}`)].join(', ');
  } catch (error) {
    if (isUnavailable(error) || /^Query(NotRegistered|Rejected)Error$/.test((error as Error).name)) return null;
    throw error;
  }
}
