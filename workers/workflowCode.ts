/** Where a worker finds the workflows: bundled beside the compiled program, or as sources that it bundles itself. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from '@temporalio/worker';

const here = fileURLToPath(import.meta.url);

/** The workflows as this program has them: TypeScript, or JavaScript where it is compiled. */
export const workflowsFile = path.resolve(here, '..', '..', 'workflows', `index${path.extname(here)}`);
export const bundleFile = path.resolve(here, '..', '..', 'workflows.bundle.js');

/** Options of a worker that runs workflows. One with plugins bundles them itself, for its plugins have a part in them. */
export function workflowCode(plugins = false): Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle'> {
  return existsSync(bundleFile) && !plugins
    ? { workflowBundle: { codePath: bundleFile } }
    : { workflowsPath: workflowsFile };
}
