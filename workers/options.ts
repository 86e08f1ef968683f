/** How a worker of each task queue runs: how much at once, how it lets go, and the workflows where it has them. */
import type { NativeConnection, WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { taskQueues } from '../config/queues.js';
import { annealServiceHandler } from './nexus.js';
import { workflowCode } from './workflowCode.js';

export type WorkerKind = keyof typeof taskQueues;

/** Activities at once: the gpu worker controls trainings while it watches others; the trainers themselves queue. */
const concurrency: Record<WorkerKind, number> = { recipe: 20, data: 2, vlm: 4, gpu: 16 };

/** Temporal's own throttle would tell a trainer of a cancellation 16 seconds late. */
export const heartbeatThrottle = '3 seconds';

export interface Equipment {
  connection: NativeConnection;
  namespace: string;
  activities: object;
  plugins?: WorkerPlugin[];
}

/** Options of the worker of one queue. */
export function workerOptions(
  kind: WorkerKind,
  { connection, namespace, activities, plugins = [] }: Equipment,
): WorkerOptions {
  return {
    connection,
    namespace,
    taskQueue: taskQueues[kind],
    identity: `anneal-${kind}-${process.pid}`,
    activities,
    plugins,
    ...(kind === 'recipe' ? { ...workflowCode(plugins.length > 0), nexusServices: [annealServiceHandler()] } : {}),
    maxConcurrentActivityTaskExecutions: concurrency[kind],
    maxHeartbeatThrottleInterval: heartbeatThrottle,
    shutdownGraceTime: '2 seconds',
    shutdownForceTime: '20 seconds',
  };
}
