/** One worker process: `node workers/run.js <recipe|data|vlm|gpu> [build id]`. Ends with its parent. */
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { openMirror } from '../activities/storage/openMirror.js';
import { taskQueues } from '../config/queues.js';
import { temporalSettings } from '../connection/settings.js';
import { activitiesOf } from './activities.js';
import { kindsWithPython, type WorkerKind } from './kinds.js';
import { workerOptions } from './options.js';
import { measureBacklog } from './telemetry/backlog.js';
import { installRuntime } from './telemetry/runtime.js';
import { openTracing } from './telemetry/traces.js';

/** How long a worker whose parent was killed may take to let go; the trainers go on without it. */
const orphanMilliseconds = 3000;

function kindOf(argument: string | undefined): WorkerKind {
  if (argument && argument in taskQueues) return argument as WorkerKind;
  throw new Error(`usage: workers/run.js <${Object.keys(taskQueues).join('|')}>`);
}

async function optionsOf(kind: WorkerKind, buildId: string | undefined): Promise<WorkerOptions> {
  const { connectionOptions, namespace, dataConverter } = temporalSettings();
  const connection = await NativeConnection.connect(connectionOptions);
  if (process.env['ANNEAL_METRICS']) watchQueue({ connection, namespace, taskQueue: taskQueues[kind] });
  const root = required('ANNEAL_ROOT');
  const place = {
    connection,
    namespace,
    root,
    python: kindsWithPython.has(kind) ? required('ANNEAL_PYTHON') : '',
    mirror: await openMirror(root),
    ...(tracing ? { traces: tracing } : {}),
  };
  const activities = await activitiesOf(kind, place);
  const plugins = tracing ? [tracing.plugin] : [];
  return workerOptions(kind, { connection, namespace, dataConverter, buildId, activities, plugins });
}

function watchQueue(queue: Parameters<typeof measureBacklog>[0]): void {
  const { logger } = Runtime.instance();
  const { taskQueue } = queue;
  measureBacklog(queue, (why) => logger.warn('The length of the task queue is not known.', { taskQueue, why }));
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
const kind = kindOf(process.argv[2]);
installRuntime(kind, process.env);
const tracing = await openTracing(`anneal-${kind}`, process.env, (line) => Runtime.instance().logger.warn(line));
worker = await Worker.create(await optionsOf(kind, process.argv[3]));
process.send?.({ ready: true });
await worker.run();
await tracing?.flush();
process.exit(0);
