/** Which runs a build of the workflows takes: Temporal's Worker Versioning (docs/cluster.md says when and why). */
import type { WorkerOptions } from '@temporalio/worker';
import { deploymentName } from '../config/queues.js';
import type { WorkerKind } from './kinds.js';

/**
 * A worker of workflows that has a build id takes the runs that began on that build, and new ones while it is the current
 * version of the deployment. Without one it takes all, as the workers of activities do: theirs are contracts, not code that
 * is replayed.
 */
export function deploymentOptions(
  kind: WorkerKind,
  buildId: string | undefined,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (kind !== 'recipe' || !buildId) return {};
  return {
    workerDeploymentOptions: {
      version: { deploymentName, buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
