/** What the activities of every worker are given of the world. */
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { NativeConnection } from '@temporalio/worker';
import { type ActivityLog, temporalLife } from '../../activities/processes/life.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import type { VlmDeps } from '../../activities/vlm/deps.js';
import { searchAttributes } from '../../config/queues.js';
import { beat } from '../boundary.js';

export interface Server {
  connection: NativeConnection;
  namespace: string;
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

export const asking: VlmDeps = {
  heartbeat: beat,
  signal: life.cancelled,
  environment: (name) => process.env[name],
  log,
};

/** The Python side. Throws where the environment of a worker lacks it. */
export function pythonSide(): { python: string; trainerFolder: string } {
  return { python: required('ANNEAL_PYTHON'), trainerFolder: path.join(packageFolder, 'trainer') };
}

export async function registered({ connection, namespace }: Server): Promise<boolean> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.values(searchAttributes).every((name) => customAttributes && name in customAttributes);
}

export function required(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(`The environment variable ${variable} is not set; workers are started by \`anneal dev\`.`);
}
