/** Anneal's side of its Nexus service (workflows/nexusService.ts). */
import { startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { type ServiceHandler, serviceHandler } from 'nexus-rpc';
import type { BoostResult } from '../config/report.js';
import type { BoostRequest } from '../config/task.js';
import type { boost } from '../workflows/index.js';
import { annealService } from '../workflows/nexusService.js';

/** For a worker's `nexusServices`. The run begins on that worker's queue; a request that is sent again finds the run it began. */
export function annealServiceHandler(): ServiceHandler<typeof annealService.operations> {
  return serviceHandler(annealService, {
    boost: new WorkflowRunOperationHandler<BoostRequest, BoostResult>((context, input) =>
      startWorkflow<typeof boost>(context, 'boost', { args: [input], workflowId: `boost-nexus-${context.requestId}` }),
    ),
  });
}
