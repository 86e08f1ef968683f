/** The classes of workers, one a task queue. */
import type { taskQueues } from '../config/queues.js';

export type WorkerKind = keyof typeof taskQueues;

/** Those that need the environment of trainer/requirements.lock: they look at models, train, serve and export. */
export const kindsWithPython: ReadonlySet<WorkerKind> = new Set(['recipe', 'gpu']);
