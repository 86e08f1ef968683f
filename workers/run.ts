/** One worker process: `node workers/run.js <recipe|data|vlm|gpu>`. Ends with its parent. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { type TaskQueue, taskQueues } from '../config/queues.js';
import { activitiesOf } from './activities.js';
import { ActivityBoundary } from './boundary.js';
import { workflowCode } from './workflowCode.js';

type WorkerKind = keyof typeof taskQueues;

/** Activities at once: the gpu worker controls trainings while it watches others; the trainers themselves queue. */
const concurrency: Record<WorkerKind, number> = { recipe: 20, data: 2, vlm: 4, gpu: 16 };

/** How long a worker whose parent was killed may take to let go; the trainers go on without it. */
const orphanMilliseconds = 3000;

function kindOf(argument: string | undefined): WorkerKind {
  if (argument && argument in taskQueues) return argument as WorkerKind;
  throw new Error(`usage: workers/run.js <${Object.keys(taskQueues).join('|')}>`);
}

async function optionsOf(kind: WorkerKind): Promise<WorkerOptions> {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  const taskQueue: TaskQueue = taskQueues[kind];
  return {
    connection,
    namespace: namespace ?? 'default',
    taskQueue,
    identity: `anneal-${kind}-${process.pid}`,
    activities: await activitiesOf(kind, { connection, namespace: namespace ?? 'default' }),
    ...(kind === 'recipe' ? workflowCode() : {}),
    maxConcurrentActivityTaskExecutions: concurrency[kind],
    maxHeartbeatThrottleInterval: '3 seconds',
    shutdownGraceTime: '2 seconds',
    shutdownForceTime: '20 seconds',
    interceptors: { activity: [() => ({ inbound: new ActivityBoundary() })] },
  };
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
