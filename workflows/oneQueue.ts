/** For a worker of another platform, which serves one queue: Anneal's activities are called there, not on Anneal's four. */
import {
  type ActivityInput,
  type Next,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
  workflowInfo,
} from '@temporalio/workflow';
import { taskQueues } from '../config/queues.js';

const ours: ReadonlySet<string | undefined> = new Set(Object.values(taskQueues));

class OneQueue implements WorkflowOutboundCallsInterceptor {
  scheduleActivity(input: ActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>) {
    if (!ours.has(input.options.taskQueue)) return next(input);
    return next({ ...input, options: { ...input.options, taskQueue: workflowInfo().taskQueue } });
  }
}

export const interceptors = (): WorkflowInterceptors => ({ outbound: [new OneQueue()] });
