/** A Temporal server and the workflows' bundle, for the tests of one file. */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Runtime, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

export interface LocalTemporal {
  environment: TestWorkflowEnvironment;
  workflowBundle: WorkflowBundleWithSourceMap;
}

/** To be ended by `environment.teardown()`. */
export async function startLocalTemporal(): Promise<LocalTemporal> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never });
  const executable = process.env['ANNEAL_TEMPORAL_CLI'];
  const environment = await TestWorkflowEnvironment.createLocal(
    executable ? { server: { executable: { type: 'existing-path', path: executable } } } : {},
  );
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return { environment, workflowBundle: await bundleWorkflowCode({ workflowsPath }) };
}
