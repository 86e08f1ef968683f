/** One worker process: `node workers/run.js <recipe|data|vlm|gpu>`. Ends with its parent. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { openMirror } from '../activities/storage/openMirror.js';
import { taskQueues } from '../config/queues.js';
import { activitiesOf } from './activities.js';
import { type WorkerKind, workerOptions } from './options.js';

/** How long a worker whose parent was killed may take to let go; the trainers go on without it. */
const orphanMilliseconds = 3000;

function kindOf(argument: string | undefined): WorkerKind {
  if (argument && argument in taskQueues) return argument as WorkerKind;
  throw new Error(`usage: workers/run.js <${Object.keys(taskQueues).join('|')}>`);
}

async function optionsOf(kind: WorkerKind): Promise<WorkerOptions> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const root = required('ANNEAL_ROOT');
  const place = { connection, namespace, root, python: required('ANNEAL_PYTHON'), mirror: await openMirror(root) };
  return workerOptions(kind, { connection, namespace, activities: await activitiesOf(kind, place) });
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(`The environment variable ${variable} is not set; workers are started by \`anneal dev\`.`);
}

let worker: Worker | undefined;
process.once('disconnect', () => {
  if (worker?.getState() === 'RUNNING') worker.shutdown();
  setTimeout(() => process.exit(1), orphanMilliseconds).unref();
});
worker = await Worker.create(await optionsOf(kindOf(process.argv[2])));
process.send?.({ ready: true });
await worker.run();
process.exit(0);
