/** How many tasks wait in a worker's queue, and how long the oldest has waited, as the Temporal server says it. */
import { type NativeConnection, Runtime } from '@temporalio/worker';
import { metrics } from '../../config/metrics.js';
import { metricsOf } from './metrics.js';

const everyMilliseconds = 5000;

interface Queue {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
}

/** `TaskQueueType` of Temporal's API. */
const kinds = { workflow: 1, activity: 2 } as const;

/** Measures until it is told to stop. A server that does not answer leaves the last figures standing. */
export function measureBacklog(queue: Queue, warn: (why: string) => void): { stop(): void } {
  let silent = false;
  const measure = async () => {
    try {
      await Promise.all(Object.entries(kinds).map(([kind, type]) => measureKind(queue, kind, type)));
      silent = false;
    } catch (error) {
      if (!silent) warn(String(error));
      silent = true;
    }
  };
  void measure();
  const timer = setInterval(measure, everyMilliseconds);
  return { stop: () => clearInterval(timer) };
}

async function measureKind({ connection, namespace, taskQueue }: Queue, kind: string, type: 1 | 2): Promise<void> {
  const { stats } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: type,
    reportStats: true,
  });
  const { seconds, nanos } = stats?.approximateBacklogAge ?? {};
  const measured = metricsOf(Runtime.instance().metricMeter);
  const labels = { queue: taskQueue, kind };
  measured.set(metrics.queueBacklog, Number(stats?.approximateBacklogCount ?? 0), labels);
  measured.set(metrics.queueWaitSeconds, Number(seconds ?? 0) + (nanos ?? 0) / 1e9, labels);
}
