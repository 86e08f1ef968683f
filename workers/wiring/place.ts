/** What the activities of every worker are given of the world. */
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import { type ActivityLog, temporalLife } from '../../activities/processes/life.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import type { Mirror } from '../../activities/storage/mirror.js';
import type { Metrics } from '../../activities/telemetry/metrics.js';
import type { Traces } from '../../activities/telemetry/traces.js';
import type { VlmDeps } from '../../activities/vlm/deps.js';
import { searchAttributes } from '../../config/queues.js';
import { beat } from '../boundary.js';
import { metricsOf } from '../telemetry/metrics.js';

/** Where the activities of a worker are at work. */
export interface Place {
  /** Of the worker: search attributes are looked up there. */
  connection: NativeConnection;
  namespace: string;
  /** The project folder: paths of tasks are relative to it, and `.anneal/` with runs and datasets lies in it. */
  root: string;
  /** The interpreter of the environment of trainer/requirements.lock. */
  python: string;
  /** Where traces are sent; there are none without it. */
  traces?: Traces | undefined;
  /** Of `.anneal/` in a store that workers of other machines share; files stay in the project folder where there is none. */
  mirror?: Mirror | undefined;
}

export const life = { ...temporalLife, heartbeat: beat };

/** Ends a build at its next beat: no half folder stays behind. */
export function beatUnlessCancelled(details: unknown): void {
  beat(details);
  life.cancelled().throwIfAborted();
}

export const log: ActivityLog = {
  info: (message, attributes) => Context.current().log.info(message, attributes),
  warn: (message, attributes) => Context.current().log.warn(message, attributes),
};

/** Of whichever activity runs at the moment. */
export const metrics: Metrics = {
  add: (...count) => metricsOf(Context.current().metricMeter).add(...count),
  set: (...figure) => metricsOf(Context.current().metricMeter).set(...figure),
  record: (...figure) => metricsOf(Context.current().metricMeter).record(...figure),
};

export const asking: VlmDeps = {
  heartbeat: beat,
  signal: life.cancelled,
  environment: (name) => process.env[name],
  log,
  metrics,
};

/** The Python side. */
export function pythonSide({ python }: Place): { python: string; trainerFolder: string } {
  return { python, trainerFolder: path.join(packageFolder, 'trainer') };
}

export async function registered({ connection, namespace }: Place): Promise<boolean> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes).every((name) => customAttributes && name in customAttributes);
}
