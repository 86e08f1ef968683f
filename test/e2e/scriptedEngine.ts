/** A Temporal server with its web page, and workers whose activities are scripted: all of Anneal but the work, in seconds. */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createChildActivities } from '../../activities/children/index.js';
import { ensureTemporalCli } from '../../cli/setup/temporalCli.js';
import { taskQueues } from '../../config/queues.js';
import { freePorts } from '../cli/dev/supervisor.js';

export interface ScriptedEngine {
  server: TestWorkflowEnvironment;
  /** Address of the web page. */
  ui: string;
  /** The environment of commands that use this server. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** The same activities on every queue; whose child a workflow is, is asked of the server. */
export async function startScriptedEngine(scripted: object): Promise<ScriptedEngine> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { path: cli } = await ensureTemporalCli(() => undefined);
  const { uiPort } = await freePorts();
  const server = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: cli }, uiPort, log: { format: 'pretty', level: 'error' } },
  });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const { workflowService } = server.client;
  const activities = { ...createChildActivities({ workflowService, namespace: 'default' }), ...scripted };
  const workers = await Promise.all(
    Object.values(taskQueues).map((taskQueue) =>
      Worker.create({
        connection: server.nativeConnection,
        taskQueue,
        activities,
        maxHeartbeatThrottleInterval: '200 ms',
        ...(taskQueue === taskQueues.recipe ? { workflowBundle } : {}),
      }),
    ),
  );
  const working = workers.map((worker) => worker.run());
  return {
    server,
    ui: `http://127.0.0.1:${uiPort}`,
    env: { TEMPORAL_ADDRESS: server.address, TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' },
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(working);
      await server.teardown();
    },
  };
}
