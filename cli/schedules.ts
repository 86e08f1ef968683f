/** Schedules as Temporal keeps them: each starts the run of one task at given times. */
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleHandle,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleSpec,
} from '@temporalio/client';
import { problem } from '../config/problems.js';
import { taskQueues } from '../config/queues.js';
import type { RetrainInput } from '../config/retraining.js';
import { findTask, inputOf, type RunWish } from './runs.js';

/** A run that takes longer than the time between two lets one of those that came meanwhile begin when it ends. */
const overlap = ScheduleOverlapPolicy.BUFFER_ONE;
/** After an outage only the times of the last hour are made up for; Temporal's own default is a year. */
const catchupWindow = '1 hour';

/** What a schedule may start: the run of a task, or a round of its retraining. */
const started = ['boost', 'retrain'] as const;

export interface ScheduleWish extends Omit<RunWish, 'id' | 'again'> {
  /** Settings of the rounds, where it starts `retrain`; it starts `boost` where there are none. */
  retrain?: Partial<RetrainInput['retrain']> | undefined;
  /** Name of the schedule; `boost-<task>` or `retrain-<task>` where none is given. */
  name?: string | undefined;
  cron?: string | undefined;
  /** Time between two runs, such as `12 hours`. */
  every?: string | undefined;
  /** IANA name, such as Europe/Berlin; UTC where none is given. */
  timeZone?: string | undefined;
}

export interface ScheduleState {
  name: string;
  paused: boolean;
  note: string | null;
  /** The next times, ISO 8601. */
  next: string[];
  /** Workflow ids of the last runs, the newest first. */
  last: string[];
}

/** Throws InvalidInput for a task that can't be read, times that are none, or a name that is taken. */
export async function createSchedule(client: Client, root: string, wish: ScheduleWish): Promise<ScheduleState> {
  const found = await findTask(wish.task, root);
  const { retrain } = wish;
  const workflowType: (typeof started)[number] = retrain ? 'retrain' : 'boost';
  const name = wish.name ?? `${workflowType}-${found.task.name}`;
  const spec = specOf(wish);
  try {
    const handle = await client.schedule.create({
      scheduleId: name,
      spec,
      action: {
        type: 'startWorkflow',
        workflowType,
        workflowId: name,
        args: [{ ...inputOf(wish, found, root), ...(retrain ? { retrain } : {}) }],
        taskQueue: taskQueues.recipe,
        staticSummary: `${retrain ? 'retrain' : 'tune'} for ${found.task.name}, by schedule`,
      },
      policies: { overlap, catchupWindow, pauseOnFailure: true },
    });
    return await stateOf(handle);
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) throw taken(name);
    throw badTimes(error, wish) ?? error;
  }
}

/** All of this namespace that start our runs, by name. */
export async function listSchedules(client: Client): Promise<ScheduleState[]> {
  const names: string[] = [];
  for await (const { scheduleId, action } of client.schedule.list())
    if (action?.type === 'startWorkflow' && isOurs(action.workflowType)) names.push(scheduleId);
  return Promise.all(names.sort().map((name) => stateOf(client.schedule.getHandle(name))));
}

function isOurs(workflowType: string): boolean {
  return started.some((each) => each === workflowType);
}

export type ScheduleChange = 'pause' | 'resume' | 'trigger' | 'delete';

/** By the schedule's name or its task's. Throws InvalidInput where there is none. Returns its name. */
export async function changeSchedule(
  client: Client,
  wanted: string,
  change: ScheduleChange,
  note: string,
): Promise<string> {
  for (const name of [wanted, ...started.map((type) => `${type}-${wanted}`)]) {
    const handle = await ownSchedule(client, name);
    if (handle === null) continue;
    if (change === 'pause') await handle.pause(note);
    else if (change === 'resume') await handle.unpause(note);
    // Without a policy the client asks for a run beside the one that goes on.
    else if (change === 'trigger') await handle.trigger(overlap);
    else await handle.delete();
    return name;
  }
  const all = (await listSchedules(client)).map(({ name }) => name);
  throw problem('InvalidInput', {
    what: `There is no schedule "${wanted}".`,
    where: 'the command line',
    todo: all.length > 0 ? `There are ${all.join(', ')}.` : 'Make one: anneal schedule create <task> --every "1 day"',
  });
}

/** A schedule of our runs; null where there is none of that name, or it starts something of somebody else. */
async function ownSchedule(client: Client, name: string): Promise<ScheduleHandle | null> {
  const handle = client.schedule.getHandle(name);
  try {
    const { action } = await handle.describe();
    return isOurs(action.workflowType) ? handle : null;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function stateOf(handle: ScheduleHandle): Promise<ScheduleState> {
  const { state, info } = await handle.describe();
  return {
    name: handle.scheduleId,
    paused: state.paused,
    note: state.note ?? null,
    next: info.nextActionTimes.slice(0, 3).map((time) => time.toISOString()),
    last: info.recentActions.map(({ action }) => action.workflow.workflowId).reverse(),
  };
}

function specOf({ cron, every, timeZone }: ScheduleWish): ScheduleSpec {
  if ((cron === undefined) === (every === undefined))
    throw problem('InvalidInput', {
      what: 'A schedule needs its times, in one of two ways.',
      where: 'the command line',
      todo: 'Give --every "1 day", or --cron "0 3 * * *" (minute, hour, day, month, weekday).',
    });
  const zone = timeZone === undefined ? {} : { timezone: timeZone };
  return cron === undefined ? { intervals: [{ every: every as '1 day' }] } : { cronExpressions: [cron], ...zone };
}

/** Times that the client or the server does not understand: both are told by a TypeError. */
function badTimes(error: unknown, { cron, every, timeZone }: ScheduleWish) {
  if (!(error instanceof TypeError)) return null;
  return problem('InvalidInput', {
    what: `The times were not understood: ${[cron, every, timeZone].filter((part) => part !== undefined).join(', ')} (${error.message}).`,
    where: 'the command line',
    todo: 'Write --every "12 hours", or --cron "0 3 * * 1" with --time-zone Europe/Berlin.',
  });
}

function taken(name: string) {
  return problem('InvalidInput', {
    what: `There is a schedule "${name}" already.`,
    where: 'the command line',
    todo: `Delete it first (anneal schedule delete ${name}), or give this one another --name.`,
  });
}
