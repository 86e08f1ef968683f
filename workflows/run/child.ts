/** Workflows that a run has as children: they end with it, and one that it left behind makes room. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  sleep,
  type Workflow,
  type WorkflowResultType,
  workflowInfo,
} from '@temporalio/workflow';
import { looksWhoseChild } from '../changes.js';
import { failure } from '../failures.js';
import { quick } from '../proxies.js';

export interface Child<Work extends Workflow> {
  workflowId: string;
  args: Parameters<Work>;
  staticSummary: string;
}

const shortestWaitSeconds = 1;
const longestWaitSeconds = 30;

/**
 * Runs a child to its end; a cancellation waits until it has ended. A reset leaves the children of before running: one of
 * the same name is cancelled, so that its trainer writes a checkpoint, and this one begins when it has ended. Throws
 * InvalidInput where the id is taken by a workflow that is no child of this one.
 */
export async function runChild<Work extends Workflow>(
  workflow: Work,
  child: Child<Work>,
): Promise<WorkflowResultType<Work>> {
  for (let wait = shortestWaitSeconds; ; wait = Math.min(2 * wait, longestWaitSeconds)) {
    try {
      return await executeChild(workflow as Workflow, {
        ...child,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    if (looksWhoseChild()) await requireOwn(child.workflowId);
    await getExternalWorkflowHandle(child.workflowId).cancel().catch(unlessCancelled);
    await sleep(`${wait} seconds`, { summary: `${child.workflowId} of before the reset is ending` });
  }
}

/** An attempt at this workflow before a reset, or before it was started anew, has the same workflow id. */
async function requireOwn(workflowId: string): Promise<void> {
  const own = workflowInfo().workflowId;
  const running = await quick.runningAs({ workflowId });
  if (running === null || running.parent === own) return;
  const whose = running.parent === null ? 'which somebody started by itself' : `a child of ${running.parent}`;
  throw failure({
    type: 'InvalidInput',
    what: `The workflow id ${workflowId} is taken by a ${running.type}, ${whose}; this run needs it for a step of its own.`,
    where: `workflow ${own}`,
    todo: 'Start this run under another workflow id, or wait until that workflow has ended or end it yourself, and start this run again.',
  });
}

/** For words to a child that may have ended by itself, or not begun: what it is told then it learns when it starts. */
export function unlessCancelled(error: unknown): void {
  if (isCancellation(error)) throw error;
}
