/** Runs as Temporal knows them: finding, starting. A run is one execution of `boost`, `retrain` or `captionImages`. */

import path from 'node:path';
import {
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { isThere } from '../activities/processes/there.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { type FoundTask, readTaskFile } from '../activities/recipe/taskFile.js';
import { sha256 } from '../activities/storage/files.js';
import { problem } from '../config/problems.js';
import type { RunProgress } from '../config/progress.js';
import { taskQueues } from '../config/queues.js';
import { runNameOf } from '../config/runs.js';
import type { BoostInput } from '../config/task.js';
import type { boost } from '../workflows/index.js';
import { runsFolder } from './paths.js';
import { noSuchRun, taskDigestOf } from './runFiles.js';

const workflowType = 'boost';

export type BoostHandle = WorkflowHandle<typeof boost>;

export function runName({ workflowId, runId }: { workflowId: string; runId: string }): string {
  return runNameOf(workflowId, runId);
}

export async function progressOf(handle: BoostHandle): Promise<RunProgress> {
  return handle.query<RunProgress>('progress');
}

/** A captioning of many pictures goes on as new now and then; its last part is the one that counts. */
const runTypes = [workflowType, 'retrain', 'captionImages'];
const runsQuery = `WorkflowType IN ('${runTypes.join("', '")}') AND ExecutionStatus != 'ContinuedAsNew'`;

/** Runs, the newest first. */
export async function listRuns(client: Client, maximum = 50): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of client.workflow.list({ query: runsQuery })) {
    found.push(info);
    if (found.length >= maximum) break;
  }
  return found.sort((left, right) => right.startTime.getTime() - left.startTime.getTime());
}

/** A run by its name, its workflow's id or its task's or captioning's name; the newest where none is wanted. Throws InvalidInput. */
export async function findRun(
  client: Client,
  root: string,
  wanted: string | undefined,
): Promise<WorkflowExecutionInfo> {
  const runs = await listRuns(client, 1000);
  const found = wanted === undefined ? runs[0] : runs.find((run) => isCalled(run, wanted));
  if (found) return found;
  throw noSuchRun(runsFolder(root), wanted, runs.map(runName));
}

/**
 * The run that a person can say something to: of one of these workflows, and not ended. Where a task has rounds alone, its
 * name means the newest of them. Throws InvalidInput, for a run of another workflow too.
 */
export async function findOpenRun(
  client: Client,
  root: string,
  wanted: string,
  takers: { types: readonly string[]; what: string } = { types: runTypes, what: '' },
): Promise<WorkflowExecutionInfo> {
  const runs = await listRuns(client, 1000);
  const called = [wanted, `retrain-${wanted}`].flatMap((name) => runs.filter((run) => isCalled(run, name)));
  const found = called.find(({ type }) => takers.types.includes(type));
  if (found?.status.name === 'RUNNING') return found;
  const [other] = called;
  if (!other) throw noSuchRun(root, wanted, runs.map(runName));
  const { type, status } = found ?? other;
  throw problem('InvalidInput', {
    what: found
      ? `The run ${runName(found)} has ended already (${status.name.toLowerCase()}).`
      : `The run ${runName(other)} is of the workflow ${type}, which takes no ${takers.what}.`,
    where: 'the command line',
    todo: found ? '`anneal status` lists the runs that go on.' : `Name a run of ${takers.types.join(' or ')}.`,
  });
}

function isCalled(run: WorkflowExecutionInfo, name: string): boolean {
  const named = runName(run);
  return [named, named.replace(/\.[0-9a-f]{8}$/, ''), run.workflowId, ...shortNamesOf(run.workflowId)].includes(name);
}

/** What a run can be called for short; a schedule puts the time behind it. The task's name alone is its newest run's, not its round's. */
function shortNamesOf(workflowId: string): string[] {
  const name = workflowId.replace(/-\d{4}-\d\d-\d\dT[\d:.]+Z$/, '');
  const task = name.replace(/^(boost|caption)-/, '');
  return name.startsWith('retrain-') ? [name] : [task, `boost-${task}`];
}

export function handleOf(client: Client, { workflowId, runId }: { workflowId: string; runId: string }): BoostHandle {
  return client.workflow.getHandle<typeof boost>(workflowId, runId);
}

export interface RunWish {
  task: string;
  id?: string | undefined;
  recipe?: Record<string, unknown> | undefined;
  onQuestion?: BoostInput['onQuestion'] | undefined;
  again?: boolean | undefined;
}

/** `attached`: it runs already; `finished`: it is done, and nothing was started. */
export interface RunStart {
  fate: 'started' | 'attached' | 'finished';
  handle: BoostHandle;
  workflowId: string;
  runId: string;
  /** Said where a finished run is shown although its task file has changed since. */
  note: string | null;
}

/**
 * Starts the run of a task, or finds it: of one task, one run goes on at a time. A finished one is not repeated without
 * `again`; one that failed or was cancelled is started anew. Throws InvalidInput for a task that can't be read.
 */
export async function startRun(client: Client, root: string, wish: RunWish): Promise<RunStart> {
  const found = await findTask(wish.task, root);
  const workflowId = wish.id ?? `boost-${found.task.name}`;
  const before = await latestOf(client, workflowId);
  if (before?.status.name === 'RUNNING') return existing('attached', client, before, null);
  if (before?.status.name === 'COMPLETED' && !wish.again) {
    return existing('finished', client, before, await changedSince(root, runName(before), found));
  }
  const handle = await client.workflow.start<typeof boost>(workflowType, {
    args: [inputOf(wish, found, root)],
    taskQueue: taskQueues.recipe,
    workflowId,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `tune for ${found.task.name}`,
  });
  const runId = handle.firstExecutionRunId;
  return { fate: 'started', handle: handleOf(client, { workflowId, runId }), workflowId, runId, note: null };
}

/** A task of the project folder; the examples of the package are found from anywhere. */
export async function findTask(task: string, root: string): Promise<FoundTask> {
  const isExample = task.startsWith('examples/') && !(await isThere(path.resolve(root, task)));
  return readTaskFile(task, isExample ? packageFolder : root);
}

/** Relative to the project folder where it is in there: that is what the web page shows. */
export function inputOf(
  { recipe, onQuestion }: Pick<RunWish, 'recipe' | 'onQuestion'>,
  { folder, file }: FoundTask,
  root: string,
): BoostInput {
  const named = path.basename(file) === 'task.json' ? folder : file;
  const relative = path.relative(root, named);
  const task = relative.startsWith('..') || relative === '' ? named : relative;
  return { task, recipe: recipe ?? {}, ...(onQuestion ? { onQuestion } : {}) };
}

async function latestOf(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | null> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function existing(
  fate: 'attached' | 'finished',
  client: Client,
  info: WorkflowExecutionDescription,
  note: string | null,
) {
  return { fate, handle: handleOf(client, info), workflowId: info.workflowId, runId: info.runId, note };
}

async function changedSince(root: string, run: string, { text, file }: FoundTask): Promise<string | null> {
  const digest = await taskDigestOf(root, run);
  if (digest === null || sha256(text).startsWith(digest)) return null;
  return `${file} has changed since this run: --again runs it anew.`;
}
