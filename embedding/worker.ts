/** `anneal-vlm/worker`: Anneal's own workers in a platform's process, or all of Anneal as a plugin of the platform's worker. */
import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { taskQueues } from '../config/queues.js';
import type { WorkerKind } from '../workers/kinds.js';
import { workerOptions } from '../workers/options.js';
import type { Activities } from './activities.js';

export { annealServiceHandler } from '../workers/nexus.js';
export { AnnealPlugin } from './plugin.js';
export type { WorkerKind };

export interface WorkersOptions {
  connection: NativeConnection;
  /** `default` if not given. */
  namespace?: string;
  /** Of `temporalSettings`, which encrypts where there are keys, or your own; JSON in the clear if not given. */
  dataConverter?: DataConverter;
  /** Of createActivities. */
  activities: Activities;
  /** Which of the queues this process serves; all four if not given. One machine with a GPU would serve `gpu` alone. */
  kinds?: readonly WorkerKind[];
}

/** A worker a queue, not running yet: `await Promise.all(workers.map((worker) => worker.run()))`. */
export function createWorkers({
  connection,
  namespace = 'default',
  dataConverter = {},
  activities,
  kinds = Object.keys(taskQueues) as WorkerKind[],
}: WorkersOptions): Promise<Worker[]> {
  const equipment = { connection, namespace, dataConverter, activities };
  return Promise.all(kinds.map((kind) => Worker.create(workerOptions(kind, equipment))));
}
