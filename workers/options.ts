/** How a worker of each task queue runs: how much at once, how it lets go, and the workflows where it has them. */
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection, WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { taskQueues } from '../config/queues.js';
import { deploymentOptions } from './deployment.js';
import type { WorkerKind } from './kinds.js';
import { annealServiceHandler } from './nexus.js';
import { workflowCode } from './workflowCode.js';

/** Activities at once: the gpu worker controls trainings while it watches others; the trainers themselves queue. */
const concurrency: Record<WorkerKind, number> = { recipe: 20, data: 2, vlm: 4, gpu: 16 };

/** Temporal's own throttle would tell a trainer of a cancellation 16 seconds late. */
export const heartbeatThrottle = '3 seconds';

export interface Equipment {
  connection: NativeConnection;
  namespace: string;
  dataConverter: DataConverter;
  activities: object;
  /** Of the workflows; absent where any worker takes any run. */
  buildId?: string | undefined;
  plugins?: WorkerPlugin[];
}

/** Options of the worker of one queue. */
export function workerOptions(kind: WorkerKind, equipment: Equipment): WorkerOptions {
  const { connection, namespace, dataConverter, activities, buildId, plugins = [] } = equipment;
  return {
    connection,
    namespace,
    dataConverter,
    taskQueue: taskQueues[kind],
    identity: `anneal-${kind}-${process.pid}`,
    activities,
    plugins,
    ...(kind === 'recipe'
      ? { ...workflowCode(dataConverter, plugins.length > 0), nexusServices: [annealServiceHandler()] }
      : {}),
    ...deploymentOptions(kind, buildId),
    maxConcurrentActivityTaskExecutions: concurrency[kind],
    maxHeartbeatThrottleInterval: heartbeatThrottle,
    shutdownGraceTime: '2 seconds',
    shutdownForceTime: '20 seconds',
  };
}
