/** The project's own activities outside of Temporal: a bench trains, serves and asks as a run does, without the engine. */
import path from 'node:path';
import type { ActivityLife, ActivityLog } from '../../activities/processes/life.js';
import { uninterrupted } from '../../activities/processes/life.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { createServingActivities } from '../../activities/serving/index.js';
import { toUri } from '../../activities/storage/files.js';
import { createTrainingActivities } from '../../activities/training/index.js';
import { createVlmActivities } from '../../activities/vlm/index.js';
import { progressLines, setUp } from '../../cli/setup/index.js';
import type { Endpoint } from '../../config/serving.js';
import type { Checkpoint, EvaluationPoint, TrainingSpec } from '../../config/training.js';
import { trainingHealth } from '../../workflows/policies/trainingHealth.js';
import { deviceOf } from './events.js';

export interface WorkbenchDeps {
  /** The interpreter with the trainer's packages. */
  python: string;
  /** Ends what runs: a trainer then writes a checkpoint, and another submit goes on from it. */
  interrupted: AbortSignal;
  tell(line: string): void;
}

export interface Trained {
  points: EvaluationPoint[];
  checkpoints: Checkpoint[];
  /** Why its figures or the trainer's own word make it worthless; null when they don't. */
  failed: string | null;
  device: string | null;
}

/** Logged steps with NaN or without signal that end a training (settings watchdog.badSteps). */
const badSteps = 3;

export type Workbench = ReturnType<typeof createWorkbench>;

/** The environment of `npm test`: ANNEAL_PYTHON, or what set-up installs. */
export async function workbenchHere(given: Omit<WorkbenchDeps, 'python'>): Promise<Workbench> {
  const { python } = await setUp(progressLines());
  return createWorkbench({ ...given, python });
}

export function createWorkbench({ python, interrupted, tell }: WorkbenchDeps) {
  const life = untilInterrupted(interrupted);
  const log: ActivityLog = { info: () => undefined, warn: (message) => tell(message) };
  const side = { python, trainerFolder: path.join(packageFolder, 'trainer') };
  const training = createTrainingActivities({ ...life, ...side, log });
  const serving = createServingActivities({ ...life, python, log });
  const stopping = createServingActivities({ ...uninterrupted(), python, log });
  const signal = () => interrupted;
  const vlm = createVlmActivities({ heartbeat: () => undefined, signal, environment: () => undefined, log });
  return {
    side,
    exportModel: training.exportModel,
    mergeAdapter: training.mergeAdapter,
    answerOffline: training.answerOffline,
    evaluateOverEndpoint: vlm.evaluateOverEndpoint,
    /** Submits, watches and collects. A job of the same spec that is finished is not trained again. */
    train: (spec: TrainingSpec, folder: string) => train(training, { spec, folder, tell }),
    /** Serves a model while `use` runs, and stops the server whatever happens. */
    async serving<Result>(
      model: string,
      folder: string,
      use: (endpoint: Endpoint) => Promise<Result>,
    ): Promise<Result> {
      const server = { key: path.basename(folder), folder: toUri(folder) };
      try {
        return await use(await serving.startServing({ ...server, model }));
      } finally {
        await stopping.stopServing(server);
      }
    },
  };
}

/** An interruption counts as a request to cancel: what runs behind an activity is ended with it. */
function untilInterrupted(signal: AbortSignal): ActivityLife {
  const no = { notFound: false, paused: false, timedOut: false, workerShutdown: false, reset: false };
  return {
    heartbeat: () => undefined,
    cancelled: () => signal,
    workflowId: () => undefined,
    cancellationDetails: () => (signal.aborted ? { ...no, cancelRequested: true } : undefined),
  };
}

interface Wish {
  spec: TrainingSpec;
  folder: string;
  tell(line: string): void;
}

async function train(
  training: ReturnType<typeof createTrainingActivities>,
  { spec, folder, tell }: Wish,
): Promise<Trained> {
  const handle = await training.submitTraining({ spec, folder: toUri(folder) });
  for (let seen = 0; ; ) {
    const progress = await training.watchTraining({ handle, seen, stage: spec.key });
    seen = progress.evaluations.length;
    const { step, totalSteps, evaluations: points, state } = progress;
    tell(`${spec.key}: step ${step} of ${totalSteps}${lossesText(points.at(-1))}`);
    const ended = { points, checkpoints: [], device: null };
    if (state === 'finished') {
      const { checkpoints } = await training.collectTraining({ handle });
      return { points, checkpoints, failed: null, device: await deviceOf(folder) };
    }
    if (state !== 'running') return { ...ended, failed: progress.failure?.message ?? `the trainer is ${state}` };
    const health = trainingHealth(progress.badSteps, { badSteps });
    if (health.verdict === 'healthy') continue;
    await training.stopTraining({ handle, how: 'checkpoint', why: health.reason });
    return { ...ended, failed: health.reason };
  }
}

function lossesText(point: EvaluationPoint | undefined): string {
  const losses = Object.entries(point?.losses ?? {}).map(
    ([set, loss]) => `${set} ${loss?.toPrecision(4) ?? 'no number'}`,
  );
  return losses.length > 0 ? `, loss ${losses.join(', ')}` : '';
}
