/** Anneal as a plugin of a worker that has a queue and workflows of its own. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
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
 */
export class AnnealPlugin extends SimplePlugin {
  constructor({ activities }: { activities: Activities }) {
    super({
      name: 'anneal',
      activities,
      nexusServices: [annealServiceHandler()],
      workerInterceptors: { workflowModules: [oneQueue] },
    });
  }

  override configureWorker(options: WorkerOptions): WorkerOptions {
    const workflows = options.workflowsPath || options.workflowBundle ? {} : { workflowsPath: workflowsFile };
    return super.configureWorker({ maxHeartbeatThrottleInterval: heartbeatThrottle, ...options, ...workflows });
  }
}
