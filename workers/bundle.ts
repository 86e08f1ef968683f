/** Bundles the workflows of the compiled program once, beside it, so that no worker has to when it starts: `node workers/bundle.js`. */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleFile, workflowsFile } from './workflowCode.js';

const { code } = await bundleWorkflowCode({ workflowsPath: workflowsFile, logger: new DefaultLogger('WARN') });
await writeFile(bundleFile, code);
