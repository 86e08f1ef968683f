/** Bundles the workflows of the compiled program once, beside it, so that no worker has to when it starts: `node workers/bundle.js`. */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundles, workflowsFile } from './workflowCode.js';

const logger = new DefaultLogger('WARN');
for (const { file, ...converter } of bundles) {
  const { code } = await bundleWorkflowCode({ workflowsPath: workflowsFile, logger, ...converter });
  await writeFile(file, code);
}
