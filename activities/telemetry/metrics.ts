/** What activities count and measure with; which metrics there are is in config/metrics.ts. */
import type { CounterMetric, GaugeMetric, HistogramMetric, Labels } from '../../config/metrics.js';

export interface Metrics {
  /** `by` is a whole number, 0 or more. */
  add(metric: CounterMetric, by: number, labels?: Labels): void;
  set(metric: GaugeMetric, value: number, labels?: Labels): void;
  record(metric: HistogramMetric, value: number, labels?: Labels): void;
}

/** Where nobody listens. */
export const noMetrics: Metrics = { add() {}, set() {}, record() {} };
