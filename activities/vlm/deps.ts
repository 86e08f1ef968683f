import type { Metrics } from '../telemetry/metrics.js';
import type { Clock } from './clock.js';
import type { AskingLimits } from './limits.js';

/** What heartbeats carry while a set is asked. */
export interface AskingHeartbeat {
  done: number;
  total: number;
  /** Items that pause before their next try. */
  waiting: number;
  /** Answers a second, of this attempt. */
  rate: number;
}

export interface VlmDeps {
  heartbeat(details: AskingHeartbeat): void;
  /** The running activity's cancellation. */
  signal(): AbortSignal;
  /** Where keys are read from: names of variables travel, keys never do. */
  environment(name: string): string | undefined;
  log: Pick<Console, 'info' | 'warn'>;
  metrics?: Metrics;
  clock?: Clock;
  limits?: Partial<AskingLimits>;
}
