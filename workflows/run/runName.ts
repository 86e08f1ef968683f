import { workflowInfo } from '@temporalio/workflow';
import { runNameOf } from '../../config/runs.js';
import { namesRunsPlainly } from '../changes.js';

/** The name of this run. One of before whose id makes no plain name goes on in its folder. */
export function ownRunName(): string {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  const plain = runNameOf(workflowId, firstExecutionRunId);
  const asItIs = `${workflowId}.${firstExecutionRunId.slice(0, 8)}`;
  return plain === asItIs || namesRunsPlainly() ? plain : asItIs;
}
