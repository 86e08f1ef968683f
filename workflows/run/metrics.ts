/** What a run counts; nothing is counted twice by a replay. */
import { metricMeter } from '@temporalio/workflow';
import { type CounterMetric, type Labels, metrics } from '../../config/metrics.js';

function add({ name, about }: CounterMetric, by: number, labels?: Labels): void {
  metricMeter.createCounter(name, undefined, about).add(by, labels);
}

export function countClosed(outcome: string): void {
  add(metrics.runsClosed, 1, { outcome });
}

/** Counts what was spent since it was last told; money that was overrated while a machine slept is not taken back. */
export class CostCounter {
  private micros = 0;

  spent(money: number | null): void {
    const micros = Math.round((money ?? 0) * 1e6);
    if (micros <= this.micros) return;
    add(metrics.costMicros, micros - this.micros);
    this.micros = micros;
  }
}
