/** The classes of workers, one a task queue. */
import type { taskQueues } from '../config/queues.js';

export type WorkerKind = keyof typeof taskQueues;

/** Those that need the environment of trainer/requirements.lock: they look at models, train, serve and export. */
export const kindsWithPython: ReadonlySet<WorkerKind> = new Set(['recipe', 'gpu']);

/**
 * What Node itself is told. A call to an endpoint leaves a picture's text behind several times over: with room for more of
 * them the worker that asks clears up less often (docs/benchmarks.md, Captions). In MiB, and taken only as it is needed.
 */
export const nodeFlags: Partial<Record<string, readonly string[]>> = { vlm: ['--max-semi-space-size=64'] };
