/**
 * Anneal's own metrics, as Prometheus scrapes them beside the SDK's (docs/observability.md). Units are in the names; the
 * SDK adds `namespace`, `taskQueue`, `activityType` or `workflowType` to the labels given here.
 */

interface Described {
  name: string;
  about: string;
  labels: readonly string[];
}
/** Counters are whole numbers, as the SDK has them. */
export interface CounterMetric extends Described {
  kind: 'counter';
}
export interface GaugeMetric extends Described {
  kind: 'gauge';
}
export interface HistogramMetric extends Described {
  kind: 'histogram';
  /** Upper bounds, in the unit of the name. */
  buckets: readonly number[];
}
export type Metric = CounterMetric | GaugeMetric | HistogramMetric;
export type Labels = Record<string, string>;

const counter = (name: string, about: string, ...labels: string[]): CounterMetric => ({
  kind: 'counter',
  name: `anneal_${name}_total`,
  about,
  labels,
});
const gauge = (name: string, about: string, ...labels: string[]): GaugeMetric => ({
  kind: 'gauge',
  name: `anneal_${name}`,
  about,
  labels,
});

export const metrics = {
  runsClosed: counter('runs_closed', 'Runs that ended, by outcome; `failed` and `cancelled` among them.', 'outcome'),
  costMicros: counter(
    'cost_micros',
    'Money spent by runs with a `budget`, in millionths of the currency of `budget.prices`.',
  ),
  failures: counter('failures', 'Attempts of activities that failed, by type of problem; `Error` has none.', 'type'),
  activitiesRunning: gauge('activities_running', 'Attempts of an activity that go on in this worker.'),
  heartbeatSeconds: gauge(
    'heartbeat_timestamp_seconds',
    'When an activity of this worker last beat, seconds since 1970. The age says more while some run.',
  ),
  queueBacklog: gauge('queue_backlog', 'Tasks that wait in a task queue, about.', 'queue', 'kind'),
  queueWaitSeconds: gauge('queue_wait_seconds', 'How long the oldest of them has waited.', 'queue', 'kind'),
  trainingsRunning: gauge('trainings_running', 'Trainers that this worker watches and that train.'),
  trainingsWaiting: gauge('trainings_waiting', 'Trainers that this worker watches and that wait for a GPU.'),
  trainerEventSeconds: gauge(
    'trainer_event_timestamp_seconds',
    'When a trainer of this worker last said something, seconds since 1970.',
  ),
  trainerSteps: counter('trainer_steps', 'Optimizer steps; what is trained again after a kill counts again.'),
  trainerSamples: counter('trainer_samples', 'Samples that these steps saw.'),
  trainerAnswerTokens: counter(
    'trainer_answer_tokens',
    'Answer tokens that these steps learnt, business or generic; trainers that do not tell add none.',
    'data',
  ),
  trainerSeconds: counter('trainer_seconds', 'Seconds that trainers ran, by their own clock.'),
  trainerEnds: counter(
    'trainer_ends',
    'Attempts of trainers that ended: `finished`, `interrupted`, `failed` with its cause.',
    'how',
    'cause',
  ),
  vlmCalls: counter('vlm_calls', 'Calls to endpoints, by what came of them.', 'served', 'outcome'),
  vlmTokens: counter('vlm_tokens', 'Tokens of the calls that were answered.', 'served', 'direction'),
  vlmSeconds: {
    kind: 'histogram',
    name: 'anneal_vlm_call_seconds',
    about: 'How long a call took.',
    labels: ['served'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
  },
} as const satisfies Record<string, Metric>;
