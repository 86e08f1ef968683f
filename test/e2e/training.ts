/** The training of a run that goes on now, as Temporal knows it. */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { TrainingHeartbeat } from '../../config/training.js';
import { until } from './until.js';

/** The live progress of a `trainRun` once it has come to a step. */
export function untilStep(client: Client, trainRun: string, step: number, seconds = 120): Promise<TrainingHeartbeat> {
  const look = async () => {
    const handle = client.workflow.getHandle(trainRun);
    const raw = await handle.describe().then((description) => description.raw, notStarted);
    if (raw === null) return undefined;
    const data = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0]?.data;
    const heartbeat = data ? TrainingHeartbeat.safeParse(JSON.parse(Buffer.from(data).toString())).data : undefined;
    return heartbeat && heartbeat.step >= step ? heartbeat : undefined;
  };
  return until(`step ${step} of ${trainRun}`, look, { seconds });
}

function notStarted(error: unknown): null {
  if (error instanceof WorkflowNotFoundError) return null;
  throw error;
}
