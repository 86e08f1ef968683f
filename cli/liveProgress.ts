/** What a run is doing now, from the heartbeats of the activities that its child workflows wait for. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { z } from 'zod';
import { TrainingHeartbeat } from '../config/training.js';

/** A run’s step, the step’s training, and one more for recipes to come. */
const maximumDepth = 3;

/** How far something is: in one line, and as a share where the whole is known. */
export interface Live {
  line: string;
  share: { done: number; total: number } | null;
}

/** The activity that says how far it is; null when none does. */
export async function liveProgress(
  client: Client,
  description: WorkflowExecutionDescription,
  depth = 0,
): Promise<Live | null> {
  for (const { heartbeatDetails } of description.raw.pendingActivities ?? []) {
    const payload = heartbeatDetails?.payloads?.[0];
    const details = payload && decoded(payload);
    const line = progressLine(details);
    if (line !== null) return { line, share: shareOf(details) };
  }
  if (depth === maximumDepth) return null;
  for (const { workflowId, runId } of description.raw.pendingChildren ?? []) {
    const child = await client.workflow.getHandle(workflowId ?? '', runId ?? undefined).describe();
    const found = await liveProgress(client, child, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** A payload that was encrypted by somebody's codec can't be read here: then there is no line to show. */
function decoded(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0]): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return null;
  }
}

/** Asking a model, and reading records (activities/vlm, activities/data). */
const Asking = z.object({ done: z.int(), total: z.int(), rate: z.number() });
const Reading = z.object({ stage: z.literal('data'), source: z.string(), rows: z.int() });

/** A heartbeat's details in one line; null where they tell no progress. */
export function progressLine(details: unknown): string | null {
  const training = TrainingHeartbeat.safeParse(details);
  if (training.success) return trainingLine(training.data);
  const asking = Asking.safeParse(details);
  if (asking.success) {
    const { done, total, rate } = asking.data;
    return `asked ${done} of ${total} questions, ${rate.toFixed(1)} a second`;
  }
  const reading = Reading.safeParse(details);
  return reading.success ? `${reading.data.source}: ${reading.data.rows} rows read` : null;
}

function shareOf(details: unknown): Live['share'] {
  const { data: training } = TrainingHeartbeat.safeParse(details);
  const { data: asking } = Asking.safeParse(details);
  const share = training ? { done: training.step, total: training.totalSteps } : (asking ?? null);
  return share !== null && share.total > 0 ? { done: share.done, total: share.total } : null;
}

function trainingLine(at: TrainingHeartbeat): string {
  const losses = Object.entries(at.losses).map(([set, loss]) => `${set} loss ${figure(loss)}`);
  return [
    `${at.stage}: step ${at.step} of ${at.totalSteps}`,
    `epoch ${at.epoch.toFixed(1)}`,
    ...(at.loss === null ? [] : [`loss ${figure(at.loss)}`]),
    ...losses,
    ...(at.samplesPerSecond === null ? [] : [`${at.samplesPerSecond.toFixed(0)} samples/s`]),
    ...(at.etaSeconds === null ? [] : [`${duration(at.etaSeconds)} left`]),
  ].join(', ');
}

function figure(loss: number | null): string {
  return loss === null ? 'not a number' : loss.toPrecision(3);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
