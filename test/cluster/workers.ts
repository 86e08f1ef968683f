/** Workers as a cluster has them: two processes of each class, any of which may be lost for good. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { taskQueues } from '../../config/queues.js';
import type { WorkerKind } from '../../workers/kinds.js';
import { withoutTemporal } from '../cli/dev/supervisor.js';

export interface WorkerProcess {
  kind: WorkerKind;
  child: ChildProcess;
  exited: Promise<number | null>;
  said(): string;
}

const kinds = Object.keys(taskQueues) as WorkerKind[];

/** Starts two of each class in a project folder; resolves when all of them work. */
export async function startWorkers(root: string, env: NodeJS.ProcessEnv): Promise<WorkerProcess[]> {
  const workers = [...kinds, ...kinds].map((kind) => startWorker(kind, root, env));
  for (const { kind, child, said } of workers) {
    while (!said().includes('Ctrl-C drains them')) {
      if (child.exitCode !== null) throw new Error(`The worker ${kind} did not start: ${said()}`);
      await pause(100);
    }
  }
  return workers;
}

function startWorker(kind: WorkerKind, root: string, env: NodeJS.ProcessEnv): WorkerProcess {
  const ending = kind === 'gpu' ? ['--end-trainings'] : [];
  const child = spawn(process.execPath, [path.join(packageFolder, 'cli/anneal.mjs'), 'worker', kind, ...ending], {
    cwd: root,
    env: { ...withoutTemporal(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { kind, child, exited, said: () => printed };
}

/** In the hands of which activity a worker is struck. */
const strikeAt: Record<WorkerKind, string> = {
  recipe: 'resolveRecipe',
  data: 'buildDatasetFolder',
  vlm: 'evaluateOverEndpoint',
  gpu: 'watchTraining',
};

export interface Lost {
  kind: WorkerKind;
  activity: string;
  pid: number;
}

/**
 * Kills with -9 one worker of each class while it has an activity of the run in its hands, its supervisor first: nobody
 * starts it again. Resolves when one of each is lost, or when the run is over.
 */
export async function loseOneOfEach(client: Client, workflowId: string, over: AbortSignal): Promise<Lost[]> {
  const lost: Lost[] = [];
  while (lost.length < kinds.length && !over.aborted) {
    for (const { activity, identity } of await inHand(client, workflowId)) {
      const kind = kinds.find((each) => strikeAt[each] === activity && identity.startsWith(`anneal-${each}-`));
      if (!kind || lost.some((each) => each.kind === kind)) continue;
      const pid = Number(identity.split('-').at(-1));
      process.kill(await parentOf(pid), 'SIGKILL');
      process.kill(pid, 'SIGKILL');
      lost.push({ kind, activity, pid });
    }
    await pause(50);
  }
  return lost;
}

/** The activities of a run and of its children that are under way, and the workers that have them. */
async function inHand(client: Client, workflowId: string): Promise<{ activity: string; identity: string }[]> {
  const described = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error) => {
      if (error instanceof WorkflowNotFoundError) return null; // a child that is about to begin
      throw error;
    });
  if (described === null) return [];
  const { raw } = described;
  const own = (raw.pendingActivities ?? [])
    .filter(({ lastStartedTime }) => lastStartedTime)
    .map(({ activityType, lastWorkerIdentity }) => ({
      activity: activityType?.name ?? '',
      identity: lastWorkerIdentity ?? '',
    }));
  const children = await Promise.all((raw.pendingChildren ?? []).map((each) => inHand(client, each.workflowId ?? '')));
  return [...own, ...children.flat()];
}

async function parentOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}
