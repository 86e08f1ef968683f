/** `anneal-vlm/client`: starts runs through a client that the caller has connected. */
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { taskQueues } from '../config/queues.js';
import type { BoostRequest } from '../config/task.js';
import type { boost } from '../workflows/index.js';

export type { RunProgress } from '../config/progress.js';
export { annealService } from '../workflows/nexusService.js';
export { decisionsQuery, overruleUpdate, progressQuery } from '../workflows/run/messages.js';

/** `result()` gives the BoostResult, `query(progressQuery)` how far it is, `executeUpdate(overruleUpdate, …)` overrules. */
export type BoostHandle = WorkflowHandleWithFirstExecutionRunId<typeof boost>;

export interface StartOptions {
  /** Of one id, one run goes on at a time: a second start finds the first. */
  workflowId: string;
  /** `anneal-recipe` if not given; with AnnealPlugin, the queue of that worker. */
  taskQueue?: string;
}

/**
 * Starts `boost`, or finds the run of this id that goes on already. Wrong input fails the run, not the start: `result()`
 * rejects with a failure of the type InvalidInput.
 */
export function startBoost(
  client: Client,
  input: BoostRequest,
  { workflowId, taskQueue = taskQueues.recipe }: StartOptions,
): Promise<BoostHandle> {
  return client.workflow.start<typeof boost>('boost', {
    args: [input],
    taskQueue,
    workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `tune for ${input.task}`.slice(0, 200),
  });
}
