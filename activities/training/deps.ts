import type { ActivityLife, ActivityLog } from '../processes/life.js';
import type { PythonSide } from '../processes/tools.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';

/** What the training activities need from outside. Spread `temporalLife` into it. */
export interface TrainingDeps extends PythonSide, ActivityLife {
  log: ActivityLog;
  metrics?: Metrics;
  /** Where traces are sent; there are none without it. */
  traces?: Traces | undefined;
  /** Bytes free on the disk of a folder; the disk itself when left out. */
  freeBytes?: (folder: string) => Promise<number>;
  /** No job starts with less free than this, in bytes; 500 MB when left out. */
  minimumFreeBytes?: number;
  /** A trainer that does not end for so long after it was told to is killed, in seconds; 1800 when left out. */
  hangsAfterSeconds?: number;
  /** How often a running job is looked at, and beaten for; 500 ms when left out. */
  pollMilliseconds?: number;
}
