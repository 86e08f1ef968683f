import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { ensureTemporalCli } from '../../cli/setup/temporalCli.js';
import { deploymentName, taskQueues } from '../../config/queues.js';
import type { BoostResult } from '../../config/report.js';
import { dataConverterOf } from '../../connection/converter.js';
import type { WorkerKind } from '../../workers/kinds.js';
import { workerOptions } from '../../workers/options.js';
import { snippets } from '../docs/pages.js';
import { type LocalTemporal, startLocalTemporal } from '../workflows/localTemporal.js';
import { everythingWorks, scriptedActivities } from '../workflows/scriptedActivities.js';

jest.setTimeout(120_000);

/** The commands of docs/cluster.md, by what they are called there. */
const documented = new Map(snippets('text').map(({ of, text }) => [of, text]));

describe('a run of days, when new code is deployed', () => {
  let temporal: LocalTemporal;
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  /** Trainings wait here while it is shut. */
  let gate = openable();

  beforeAll(async () => {
    temporal = await startLocalTemporal();
    for (const kind of ['data', 'vlm', 'gpu'] as const) await startWorker(kind);
  });
  afterAll(async () => {
    for (const { worker } of running) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.all(running.map(({ ended }) => ended));
    await temporal.teardown();
  });

  async function startWorker(kind: WorkerKind, buildId?: string): Promise<Worker> {
    const activities = scriptedActivities({ ...everythingWorks, whileTraining: () => gate.promise }, []);
    const connection = temporal.environment.nativeConnection;
    const { workflowsPath: _, ...options } = workerOptions(kind, {
      connection,
      namespace: 'default',
      dataConverter: dataConverterOf(null),
      activities,
      buildId,
    });
    const worker = await Worker.create({
      ...options,
      identity: buildId ?? kind,
      ...(kind === 'recipe' ? { workflowBundle: temporal.workflowBundle } : {}),
    });
    running.push({ worker, ended: worker.run() });
    return worker;
  }

  /** Runs a command of the page with other build ids, once the server has heard of the worker. */
  async function command(name: 'current' | 'move', buildId: string): Promise<void> {
    const { path } = await ensureTemporalCli(() => undefined);
    const line = (documented.get(name) ?? '')
      .replaceAll(/\\\n\s*/g, '')
      .trim()
      .replaceAll('2026-11-20', buildId);
    const [, ...args] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    const all = [...args, '--yes', '--address', temporal.environment.address];
    for (let attempt = 1; ; attempt++) {
      try {
        await promisify(execFile)(path, all);
        return;
      } catch (error) {
        if (attempt === 20) throw error;
        await pause(500);
      }
    }
  }

  let begun = 0;
  /** A run that has come to its first training and waits there. */
  async function begin(): Promise<WorkflowHandle> {
    begun += 1;
    gate = openable();
    const handle = await temporal.environment.client.workflow.start('boost', {
      workflowId: `boost-${begun}`,
      taskQueue: taskQueues.recipe,
      args: [{ task: 'examples/digits' }],
    });
    const training = temporal.environment.client.workflow.getHandle(`boost-${begun}.sanityCheck.sanity`);
    for (;;) {
      const found = await training.describe().catch(() => null);
      if (found?.raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'watchTraining'))
        return handle;
      await pause(50);
    }
  }

  const end = async (handle: WorkflowHandle): Promise<string> => {
    gate.resolve();
    return ((await handle.result()) as BoostResult).outcome;
  };

  it('ends on the build that it began with, its steps and light activities too, while new runs begin on the next', async () => {
    await startWorker('recipe', 'one');
    await command('current', 'one');
    const before = await begin();
    await startWorker('recipe', 'two');
    await command('current', 'two');
    expect(await end(before)).toBe('tuned');
    expect(await buildsOf(before)).toEqual(['one']);

    const after = await begin();
    expect(await end(after)).toBe('tuned');
    expect(await buildsOf(after)).toEqual(['two']);
  });

  it('can be moved to the current build, where the old one must go', async () => {
    const old = await startWorker('recipe', 'three');
    await command('current', 'three');
    const moved = await begin();
    await startWorker('recipe', 'four');
    await command('current', 'four');
    await command('move', 'three');
    old.shutdown();
    expect(await end(moved)).toBe('tuned');
    expect(await buildsOf(moved)).toEqual(['four', 'three']);
  });

  /** Which workers ran the workflow tasks and the light activities of a run and of all its children. */
  async function buildsOf({ workflowId }: { workflowId: string }): Promise<string[]> {
    const found = new Set<string>();
    const { events } = await temporal.environment.client.workflow.getHandle(workflowId).fetchHistory();
    const light = (events ?? [])
      .filter(({ activityTaskScheduledEventAttributes: each }) => each?.taskQueue?.name === taskQueues.recipe)
      .map(({ eventId }) => String(eventId));
    for (const event of events ?? []) {
      const task = event.workflowTaskCompletedEventAttributes;
      const activity = event.activityTaskStartedEventAttributes;
      const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId;
      if (task) found.add(task.identity ?? '');
      if (activity && light.includes(String(activity.scheduledEventId))) found.add(activity.identity ?? '');
      if (child) for (const each of await buildsOf({ workflowId: child })) found.add(each);
    }
    return [...found].sort();
  }

  it('has the name of the deployment that the commands give', () => {
    expect(documented.get('current')).toContain(`--deployment-name ${deploymentName} `);
    expect(documented.get('move')).toContain(`'${deploymentName}:`);
  });
});

/** A promise and what resolves it. */
function openable(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
