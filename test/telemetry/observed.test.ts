import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { metrics } from '../../config/metrics.js';
import { taskQueues } from '../../config/queues.js';
import { measureBacklog } from '../../workers/telemetry/backlog.js';
import { installRuntime } from '../../workers/telemetry/runtime.js';
import { openTracing } from '../../workers/telemetry/traces.js';
import { freePort } from '../cli/dev/supervisor.js';
import { repository } from '../docs/pages.js';
import { asked, type Observed, observedRun, trained } from './observedRun.js';
import { OtlpReceiver } from './otlp.js';
import { hasPrometheus, Prometheus, type Series } from './prometheus.js';

jest.setTimeout(240_000);

interface Dashboard {
  panels: { title: string; targets?: { expr: string }[] }[];
}

/** As Grafana asks them, for a range of five minutes. */
const queries = (
  JSON.parse(readFileSync(path.join(repository, 'deploy/grafana/dashboards/anneal.json'), 'utf8')) as Dashboard
).panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }): [string, string] => [
    `${title}: ${expr}`,
    expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '5m'),
  ]),
);

const scraped = (await hasPrometheus()) ? describe : describe.skip;

describe('a run that is observed', () => {
  const received = new OtlpReceiver();
  const lines: string[] = [];
  const answers = new Map<string, Series[]>();
  let prometheus: Prometheus | null = null;
  let run: Observed;

  beforeAll(async () => {
    const address = `127.0.0.1:${await freePort()}`;
    jest.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(...String(line).trimEnd().split('\n'));
      return true;
    });
    installRuntime('all', { ANNEAL_METRICS: address, ANNEAL_LOG: 'json' });
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: await received.start() };
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = env.OTEL_EXPORTER_OTLP_ENDPOINT;
    const tracing = await openTracing('anneal-test', env, (line) => lines.push(line));
    if (tracing === null) throw new Error(`There is no tracing. ${lines.join(' ')}`);
    if (await hasPrometheus()) prometheus = await Prometheus.start([address]);
    const executable = process.env['ANNEAL_TEMPORAL_CLI'];
    const environment = await TestWorkflowEnvironment.createLocal(
      executable ? { server: { executable: { type: 'existing-path', path: executable } } } : {},
    );
    const { nativeConnection: connection } = environment;
    const measured = Object.values(taskQueues).map((taskQueue) =>
      measureBacklog({ connection, namespace: 'default', taskQueue }, (why) => lines.push(why)),
    );
    const client = new Client({ connection: environment.connection, plugins: [tracing.plugin] });
    const ended = new AbortController();
    const asking = prometheus ? collect(prometheus, ended.signal) : Promise.resolve();
    run = await observedRun({ environment, client, plugins: [tracing.plugin], traces: tracing });
    await pause(2500); // two more scrapes
    ended.abort();
    await asking;
    for (const each of measured) each.stop();
    await tracing.flush();
    await environment.teardown();
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await prometheus?.stop();
    await received.stop();
  });

  /** Asks every query again and again until it has given data; what is true only while a training runs is asked while one does. */
  async function collect(asked: Prometheus, ended: AbortSignal): Promise<void> {
    for (let last = false; ; last = ended.aborted) {
      for (const [name, expression] of queries) {
        const series = await asked.query(expression);
        if (series.some(({ value }) => Number.isFinite(value))) answers.set(name, series);
      }
      if (last) return;
      await pause(500);
    }
  }

  it('comes to its end', () => {
    expect(run.result.outcome).toBe('tuned');
  });

  scraped('by Prometheus', () => {
    it.each(queries)('has data for the panel %s', (name) => {
      expect(answers.get(name) ?? []).not.toEqual([]);
    });

    it('has every metric of ours, and steps, tokens, calls, cost and failures as they were', async () => {
      // A scrape that a busy machine lets slip makes every series stale at once: what was last told counts.
      const last = (series: string) => `last_over_time(${series}[5m])`;
      const sum = async (metric: string) => (await prometheus?.query(`sum(${last(metric)})`))?.[0]?.value;
      const names = (await prometheus?.query(`count by (__name__) (${last('{__name__=~"anneal_.+"}')})`)) ?? [];
      const found = names.map(({ labels }) => labels['__name__']?.replace(/_(bucket|sum|count)$/, ''));
      expect([...new Set(found)].sort()).toEqual(
        Object.values(metrics)
          .map(({ name }) => name)
          .sort(),
      );
      expect(await sum('anneal_trainer_steps_total')).toBe(trained.steps);
      expect(await sum('anneal_trainer_samples_total')).toBe(trained.samples);
      expect(await sum('anneal_trainer_answer_tokens_total')).toBe(trained.answerTokens);
      expect(await sum('anneal_trainer_ends_total{how="finished"}')).toBe(1);
      expect(await sum('anneal_vlm_calls_total{served="endpoint",outcome="answered"}')).toBe(asked);
      expect(await sum('anneal_failures_total{type="EndpointUnavailable",activityType="buildDatasetFolder"}')).toBe(1);
      expect(await sum('anneal_runs_closed_total{outcome="tuned"}')).toBe(1);
      // An hour of a trainer costs 3600: about as many as the seconds that the training took.
      expect(await sum('anneal_cost_micros_total')).toBeGreaterThan(3e6);
      expect(await sum('anneal_trainings_running')).toBe(0);
      expect(await sum('anneal_activities_running')).toBe(0);
    });
  });

  it('is one trace, from the client to the epochs, evaluations and checkpoints of the trainer', () => {
    const { spans } = received;
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const pathOf = (id: string | undefined): string[] => {
      const span = id === undefined ? undefined : byId.get(id);
      return span ? [...pathOf(span.parentSpanId), span.name] : [];
    };
    const trainer = spans.filter(({ name }) => name === 'trainer');
    expect(trainer).toHaveLength(1);
    expect(pathOf(trainer[0]?.spanId)).toEqual([
      'StartWorkflow:boost',
      'RunWorkflow:boost',
      'StartChildWorkflow:sanityCheck',
      'RunWorkflow:sanityCheck',
      'StartChildWorkflow:trainRun',
      'RunWorkflow:trainRun',
      'StartActivity:submitTraining',
      'RunActivity:submitTraining',
      'trainer',
    ]);
    const below = spans.filter(({ parentSpanId }) => parentSpanId === trainer[0]?.spanId).map(({ name }) => name);
    expect(below.sort()).toEqual(
      [
        ...Array(4).fill('checkpoint'),
        ...[1, 2, 3, 4].map((epoch) => `epoch ${epoch}`),
        ...Array(5).fill('evaluation'),
      ].sort(),
    );
    expect(new Set(spans.filter(({ name }) => !/Query|Update/.test(name)).map(({ traceId }) => traceId)).size).toBe(1);
    expect(byId.size).toBe(spans.length);
  });

  it('logs lines of JSON with run, step, activity, attempt and trace, and where the trainer’s own log is', () => {
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const [began] = parsed.filter(({ message }) => message === 'Trainer started.');
    expect(began).toMatchObject({
      level: 'INFO',
      worker: 'all',
      runWorkflowId: run.workflowId,
      step: 'sanityCheck',
      training: expect.stringContaining('sanity'),
      workflowId: expect.stringMatching(/^boost-observed\.sanityCheck\./),
      runId: expect.any(String),
      activity: 'submitTraining',
      attempt: 1,
      traceId: received.spans[0]?.traceId,
      trainerLog: expect.stringMatching(/log\.txt$/),
    });
    const failed = parsed.find(({ activity, level }) => activity === 'buildDatasetFolder' && level === 'WARN');
    expect(failed).toMatchObject({ step: 'buildDataset', attempt: 1 });
  });
});
