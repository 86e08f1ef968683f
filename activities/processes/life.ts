/** How an activity says that it lives, and how it learns that it shall not: the only door to Temporal in this room. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';

/** Why an activity was interrupted, as Temporal's `ActivityCancellationDetails` says it. */
export interface InterruptionDetails {
  readonly notFound: boolean;
  readonly cancelRequested: boolean;
  readonly paused: boolean;
  readonly timedOut: boolean;
  readonly workerShutdown: boolean;
  readonly reset: boolean;
}

export interface ActivityLife {
  heartbeat(details?: unknown): void;
  /** Aborted when Temporal interrupts the activity; its reason is the failure to throw. */
  cancelled(): AbortSignal;
  cancellationDetails(): InterruptionDetails | undefined;
  /** Of the workflow that the activity belongs to; undefined outside of Temporal. */
  workflowId(): string | undefined;
}

export interface ActivityLog {
  info(message: string, attributes?: Record<string, unknown>): void;
  warn(message: string, attributes?: Record<string, unknown>): void;
}

/** The life of whichever activity runs at the moment. */
export const temporalLife: ActivityLife = {
  heartbeat: (details) => Context.current().heartbeat(details),
  cancelled: () => Context.current().cancellationSignal,
  cancellationDetails: () => Context.current().cancellationDetails,
  workflowId: () => Context.current().info.workflowExecution?.workflowId,
};

/** A life that can't be interrupted: for tidying up after an interruption, and outside of activities. */
export function uninterrupted(life?: ActivityLife): ActivityLife {
  const never = new AbortController().signal;
  return {
    heartbeat: (details) => life?.heartbeat(details),
    cancelled: () => never,
    cancellationDetails: () => undefined,
    workflowId: () => life?.workflowId(),
  };
}

/**
 * What an interruption means for the job behind an activity. One signal has six meanings: only a request to cancel, or a
 * run that is gone, ends the job. At a worker's shutdown, a pause, a reset or a time-out another attempt comes and goes on.
 */
export function classifyInterruption(details: InterruptionDetails | undefined): 'stop' | 'detach' {
  return details?.cancelRequested || details?.notFound ? 'stop' : 'detach';
}

/** Beats once, then waits. Throws the interruption as soon as there is one. */
export async function beatAndWait(life: ActivityLife, milliseconds: number, details?: unknown): Promise<void> {
  life.heartbeat(details);
  const signal = life.cancelled();
  signal.throwIfAborted();
  await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

/** Beats every two seconds until the work is done: for work that tells nothing of itself and may take a while. */
export async function beating<Value>(life: ActivityLife, work: Promise<Value>, details?: unknown): Promise<Value> {
  life.heartbeat(details);
  const timer = setInterval(() => life.heartbeat(details), 2000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
