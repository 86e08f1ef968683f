/** Our metrics through the SDK's meter: one endpoint carries both. */
import type { MetricMeter } from '@temporalio/common';
import type { Metrics } from '../../activities/telemetry/metrics.js';

/** Writes to a meter of the SDK, which drops everything where no exporter is set. */
export function metricsOf(meter: MetricMeter): Metrics {
  return {
    add: ({ name, about }, by, labels) => meter.createCounter(name, undefined, about).add(by, labels),
    set: ({ name, about }, value, labels) => meter.createGauge(name, 'float', undefined, about).set(value, labels),
    record: ({ name, about }, value, labels) =>
      meter.createHistogram(name, 'float', undefined, about).record(value, labels),
  };
}
