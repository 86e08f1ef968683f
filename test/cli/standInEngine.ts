/** A Temporal server of somebody else with a worker that runs the stand-in of `boost`, for the tests of one file. */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { ensureTemporalCli } from '../../cli/setup/temporalCli.js';
import { taskQueues } from '../../config/queues.js';
import { makeRoot, removeRoot } from './dev/supervisor.js';

export interface StandInEngine {
  /** A project folder. */
  root: string;
  server: TestWorkflowEnvironment;
  /** The environment of commands that use this server. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

export async function startStandInEngine(): Promise<StandInEngine> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const root = await makeRoot();
  const { path: cli } = await ensureTemporalCli(() => undefined);
  const server = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: cli } },
  });
  const worker = await Worker.create({
    connection: server.nativeConnection,
    taskQueue: taskQueues.recipe,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./standIn.ts', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  const working = worker.run();
  return {
    root,
    server,
    env: { TEMPORAL_ADDRESS: server.address, TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' },
    async stop() {
      worker.shutdown();
      await working;
      await server.teardown();
      await removeRoot(root);
    },
  };
}
