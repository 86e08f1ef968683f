/** A Temporal server and the workflows' bundle, for the tests of one file. */
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';

const fileAt = (place: string) => fileURLToPath(new URL(place, import.meta.url));

/** To be ended by `teardown()`. */
export async function startLocalTemporal(): Promise<LocalTemporal> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never });
  const executable = process.env['ANNEAL_TEMPORAL_CLI'];
  const environment = await TestWorkflowEnvironment.createLocal(
    executable ? { server: { executable: { type: 'existing-path', path: executable } } } : {},
  );
  const bundle = await bundleWorkflowCode({
    workflowsPath: fileAt('../../workflows/index.ts'),
    workflowInterceptorModules: [fileAt('../../workflows/oneQueue.ts')],
  });
  return new LocalTemporal(environment, bundle);
}

/** Runs mostly wait for the server: each has a worker and a task queue of its own, so that several go side by side. */
export class LocalTemporal {
  readonly environment: TestWorkflowEnvironment;
  readonly workflowBundle: WorkflowBundleWithSourceMap;
  private started = 0;

  constructor(environment: TestWorkflowEnvironment, workflowBundle: WorkflowBundleWithSourceMap) {
    this.environment = environment;
    this.workflowBundle = workflowBundle;
  }

  get client() {
    return this.environment.client;
  }

  teardown(): Promise<void> {
    return this.environment.teardown();
  }

  /** The id of a new run, and of its task queue. */
  nextId(workflow: string): string {
    this.started += 1;
    return `${workflow}-test-${this.started}`;
  }

  /** Starts a worker for everything on a queue; what is returned ends it. */
  async serve(
    taskQueue: string,
    activities: object,
    options: Partial<WorkerOptions> = {},
  ): Promise<() => Promise<void>> {
    const { nativeConnection: connection } = this.environment;
    const { workflowBundle } = this;
    const worker = await Worker.create({ connection, taskQueue, activities, workflowBundle, ...options });
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
    };
  }

  /** Starts a workflow and a worker for it; the worker ends with `follow`. */
  async run<Result>(
    workflow: string,
    { args, activities }: { args: unknown[]; activities: object },
    follow: (handle: WorkflowHandle) => Promise<Result>,
  ): Promise<Result> {
    const workflowId = this.nextId(workflow);
    const end = await this.serve(workflowId, activities);
    try {
      return await follow(await this.client.workflow.start(workflow, { workflowId, taskQueue: workflowId, args }));
    } finally {
      await end();
    }
  }
}
