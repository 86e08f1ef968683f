/** Where a worker finds the workflows: bundled beside the compiled program, or as sources that it bundles itself. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { WorkerOptions } from '@temporalio/worker';
import { encodedFailures } from '../connection/converter.js';

const here = fileURLToPath(import.meta.url);
const folder = path.resolve(here, '..', '..');

/** The workflows as this program has them: TypeScript, or JavaScript where it is compiled. */
export const workflowsFile = path.join(folder, 'workflows', `index${path.extname(here)}`);

/** How failures become payloads is part of a bundle: there is one for plain and one for encoded failures. */
export const bundles: readonly { file: string; failureConverterPath?: string }[] = [
  { file: path.join(folder, 'workflows.bundle.js') },
  { file: path.join(folder, 'workflows.encoded.bundle.js'), failureConverterPath: encodedFailures },
];

/** Options of a worker that runs workflows. One with converters of its own, or with plugins, bundles them anew: both have a part in them. */
export function workflowCode(
  { payloadConverterPath, failureConverterPath }: DataConverter,
  plugins = false,
): Pick<WorkerOptions, 'workflowsPath' | 'workflowBundle'> {
  const own = Boolean(payloadConverterPath) || plugins;
  const fitting = bundles.find((each) => each.failureConverterPath === failureConverterPath && !own);
  return fitting && existsSync(fitting.file)
    ? { workflowBundle: { codePath: fitting.file } }
    : { workflowsPath: workflowsFile };
}
