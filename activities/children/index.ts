/** Whose child a workflow is: what a workflow itself can't look up. */
import type { WorkflowService } from '@temporalio/client';

export interface ChildDeps {
  workflowService: Pick<WorkflowService, 'describeWorkflowExecution'>;
  namespace: string;
}

export interface RunningWorkflow {
  type: string;
  /** Workflow id of its parent; null where somebody started it by itself. */
  parent: string | null;
}

const notFound = 5; // gRPC's NOT_FOUND
const running = 1; // WORKFLOW_EXECUTION_STATUS_RUNNING

export function createChildActivities({ workflowService, namespace }: ChildDeps) {
  return {
    /** What runs under a workflow id now; null where nothing does. */
    async runningAs({ workflowId }: { workflowId: string }): Promise<RunningWorkflow | null> {
      try {
        const { workflowExecutionInfo: info } = await workflowService.describeWorkflowExecution({
          namespace,
          execution: { workflowId },
        });
        if (info?.status !== running) return null;
        return { type: info.type?.name ?? '', parent: info.parentExecution?.workflowId ?? null };
      } catch (error) {
        if ((error as { code?: unknown }).code === notFound) return null;
        throw error;
      }
    },
  };
}

export type ChildActivities = ReturnType<typeof createChildActivities>;
