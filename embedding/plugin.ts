/** Anneal as a plugin of a worker that has a queue and workflows of its own. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { SimplePlugin } from '@temporalio/plugin';
import type { BundleOptions, WorkerOptions } from '@temporalio/worker';
import { annealServiceHandler } from '../workers/nexus.js';
import { heartbeatThrottle } from '../workers/options.js';
import { workflowsFile } from '../workers/workflowCode.js';
import type { Activities } from './activities.js';

const here = fileURLToPath(import.meta.url);
const oneQueue = path.resolve(here, '..', '..', 'workflows', `oneQueue${path.extname(here)}`);

/**
 * Adds Anneal's activities and its Nexus service to a worker, and calls its activities on that worker's queue. Its workflows
 * are there where the worker's workflows file has `export * from 'anneal-vlm/workflows'`, or where the worker has no such file.
 * A bundle that was made before needs the plugin too: `bundleWorkflowCode({ workflowsPath, plugins: [plugin] })`.
 * With `dataConverter`, of `temporalSettings`, that worker encrypts, and so does a client that has the plugin.
 */
export class AnnealPlugin extends SimplePlugin {
  private readonly converter: DataConverter;

  constructor({ activities, dataConverter = {} }: { activities: Activities; dataConverter?: DataConverter }) {
    super({
      name: 'anneal',
      activities,
      dataConverter,
      nexusServices: [annealServiceHandler()],
      workerInterceptors: { workflowModules: [oneQueue] },
    });
    this.converter = dataConverter;
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const workflows = options.workflowsPath || options.workflowBundle ? {} : { workflowsPath: workflowsFile };
    return super.configureWorker({ maxHeartbeatThrottleInterval: heartbeatThrottle, ...options, ...workflows });
  }

  override configureBundler(options: BundleOptions): BundleOptions {
    const { payloadConverterPath, failureConverterPath } = this.converter;
    const converters = {
      ...(payloadConverterPath ? { payloadConverterPath } : {}),
      ...(failureConverterPath ? { failureConverterPath } : {}),
    };
    return super.configureBundler({ ...options, ...converters });
  }
}
