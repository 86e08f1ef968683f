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
} from '@temporalio/workflow';

export interface Child<Work extends Workflow> {
  workflowId: string;
  args: Parameters<Work>;
  staticSummary: string;
}

const shortestWaitSeconds = 1;
const longestWaitSeconds = 30;

/**
 * Runs a child to its end; a cancellation waits until it has ended. A reset leaves the children of before running: one of
 * the same name is cancelled, so that its trainer writes a checkpoint, and this one begins when it has ended.
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
    await getExternalWorkflowHandle(child.workflowId).cancel().catch(goneAlready);
    await sleep(`${wait} seconds`, { summary: `${child.workflowId} of before the reset is ending` });
  }
}

/** It ended by itself between the two: the next start tells. */
function goneAlready(error: unknown): void {
  if (isCancellation(error)) throw error;
}
