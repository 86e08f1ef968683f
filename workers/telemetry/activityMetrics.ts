/** What is counted of every activity: how many run, when they last beat, and how they fail. */
import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { metrics } from '../../config/metrics.js';
import { ProblemError } from '../../config/problems.js';
import { metricsOf } from './metrics.js';

/** Of this process, by the activity's name. */
const running = new Map<string, number>();

export function activityBegan(context: Context): void {
  changeRunning(context, 1);
  activityBeat(context);
}

export function activityBeat({ metricMeter }: Context): void {
  metricsOf(metricMeter).set(metrics.heartbeatSeconds, Date.now() / 1000);
}

export function activityEnded(context: Context): void {
  changeRunning(context, -1);
}

/** An interruption is no failure. */
export function activityFailed({ metricMeter, cancellationSignal }: Context, error: unknown): void {
  if (cancellationSignal.aborted || error instanceof CancelledFailure) return;
  metricsOf(metricMeter).add(metrics.failures, 1, {
    type: error instanceof ProblemError ? error.problem.type : 'Error',
  });
}

function changeRunning({ info, metricMeter }: Context, by: number): void {
  const now = (running.get(info.activityType) ?? 0) + by;
  running.set(info.activityType, now);
  metricsOf(metricMeter).set(metrics.activitiesRunning, now);
}
