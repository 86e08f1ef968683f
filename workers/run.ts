/** One worker process: `node workers/run.js <recipe|data|vlm|gpu> [build id]`. Ends with its parent. */
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { taskQueues } from '../config/queues.js';
import { temporalSettings } from '../connection/settings.js';
import { activitiesOf } from './activities.js';
import { kindsWithPython, type WorkerKind } from './kinds.js';
import { workerOptions } from './options.js';

/** How long a worker whose parent was killed may take to let go; the trainers go on without it. */
const orphanMilliseconds = 3000;

function kindOf(argument: string | undefined): WorkerKind {
  if (argument && argument in taskQueues) return argument as WorkerKind;
  throw new Error(`usage: workers/run.js <${Object.keys(taskQueues).join('|')}>`);
}

async function optionsOf(kind: WorkerKind, buildId: string | undefined): Promise<WorkerOptions> {
  const { connectionOptions, namespace, dataConverter } = temporalSettings();
  const connection = await NativeConnection.connect(connectionOptions);
  const place = {
    connection,
    namespace,
    root: required('ANNEAL_ROOT'),
    python: kindsWithPython.has(kind) ? required('ANNEAL_PYTHON') : '',
  };
  const activities = await activitiesOf(kind, place);
  return workerOptions(kind, { connection, namespace, dataConverter, buildId, activities });
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(
    `The environment variable ${variable} is not set; workers are started by \`anneal dev\` and \`anneal worker\`.`,
  );
}

let worker: Worker | undefined;
process.once('disconnect', () => {
  if (worker?.getState() === 'RUNNING') worker.shutdown();
  setTimeout(() => process.exit(1), orphanMilliseconds).unref();
});
worker = await Worker.create(await optionsOf(kindOf(process.argv[2]), process.argv[3]));
process.send?.({ ready: true });
await worker.run();
process.exit(0);
