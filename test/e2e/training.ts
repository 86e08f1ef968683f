/** The training of a run that goes on now, as Temporal knows it. */
import { type Client, defaultPayloadConverter, WorkflowNotFoundError } from '@temporalio/client';
import { TrainingHeartbeat } from '../../config/training.js';
import { until } from './until.js';

/** The live progress of a `trainRun` once it has come to a step. */
export function untilStep(client: Client, trainRun: string, step: number, seconds = 120): Promise<TrainingHeartbeat> {
  const look = async () => {
    const handle = client.workflow.getHandle(trainRun);
    const raw = await handle.describe().then((description) => description.raw, notStarted);
    if (raw === null) return undefined;
    const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
    const details = payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
    const heartbeat = TrainingHeartbeat.safeParse(details).data;
    return heartbeat && heartbeat.step >= step ? heartbeat : undefined;
  };
  return until(`step ${step} of ${trainRun}`, look, { seconds });
}

function notStarted(error: unknown): null {
  if (error instanceof WorkflowNotFoundError) return null;
  throw error;
}
