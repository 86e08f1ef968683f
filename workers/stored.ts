/** Activities whose files lie in a store: what they need is brought to this disk before, what they made is sent after. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Mirror } from '../activities/storage/mirror.js';
import { ProblemError } from '../config/problems.js';
import { type Traffic, traffic } from './traffic.js';

type Activity = (input: unknown) => Promise<unknown>;

/** How often the state of a long activity is sent, in milliseconds: what the loss of a machine costs at most. */
const keepingMilliseconds = 30_000;

/** The same activities over a store; as they are where there is none. */
export function stored<Activities extends object>(activities: Activities, mirror: Mirror | undefined): Activities {
  if (mirror === undefined) return activities;
  const entries = Object.entries<Activity>(activities as Record<string, Activity>);
  const known = traffic as unknown as Record<string, Traffic<unknown, unknown>>;
  return Object.fromEntries(
    entries.map(([name, activity]) => [name, overStore(activity, known[name] ?? {}, mirror)]),
  ) as Activities;
}

function overStore(activity: Activity, its: Traffic<unknown, unknown>, mirror: Mirror): Activity {
  return async (given) => {
    const signal = Context.current().cancellationSignal;
    setMaxListeners(0, signal); // files come beside each other, and each listens to it
    const input = mirror.toLocal(given);
    const kept = (await its.keeps?.(input)) ?? [];
    for (const place of kept) await takeUp(mirror, place, its, signal);
    await unlessAway(its, async () => {
      for (const place of (await its.reads?.(input)) ?? []) await mirror.bring(place, signal);
      for (const place of (await its.records?.(input)) ?? []) await mirror.bringRecords(place, signal);
    });
    const result = await keeping(mirror, kept, () => activity(input));
    await unlessAway(its, async () => {
      for (const place of (await its.writes?.(input, result)) ?? []) await mirror.send(place, signal);
    });
    for (const place of (await its.removes?.(input)) ?? []) await mirror.prune(place);
    return mirror.toStored(result);
  };
}

const isAway = (error: unknown) => error instanceof ProblemError && error.problem.type === 'StorageUnavailable';

/** A job of this machine is stopped and watched while the store is away, too; whether it may be started the store alone knows. */
async function takeUp(
  mirror: Mirror,
  place: string,
  { controls }: Traffic<unknown, unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await mirror.takeUp(place, signal);
  } catch (error) {
    if (!controls || !isAway(error) || !(await mirror.isHere(place))) throw error;
    Context.current().log.warn('The store is away; the job goes on as it is here.', { place, why: String(error) });
  }
}

/** What another call does again is not tried without end; the last attempts make do with what is here. */
async function unlessAway({ again }: Traffic<unknown, unknown>, work: () => Promise<void>): Promise<void> {
  const { log, info } = Context.current();
  try {
    await work();
  } catch (error) {
    if (again === undefined || !isAway(error) || info.attempt < again.patientAttempts) throw error;
    log.warn('The store is away; the next call sends what is missing there.', { why: String(error) });
  }
}

/** Sends what is kept while the work goes on, and once more when it has ended, also by a failure or a cancel. */
async function keeping(mirror: Mirror, places: string[], work: () => Promise<unknown>): Promise<unknown> {
  if (places.length === 0) return work();
  const ended = new AbortController();
  const sending = sendAtTimes(mirror, places, ended.signal);
  const keepAll = async () => {
    ended.abort();
    await sending;
    for (const place of places) await mirror.keep(place);
  };
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    const { log } = Context.current();
    await keepAll().catch((fault) => log.warn('The store did not take what was to be kept.', { why: String(fault) }));
    throw error;
  }
  await keepAll();
  return result;
}

async function sendAtTimes(mirror: Mirror, places: string[], ended: AbortSignal): Promise<void> {
  const { log } = Context.current();
  while (!ended.aborted) {
    await sleep(keepingMilliseconds, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    try {
      for (const place of places) await mirror.keep(place, ended);
    } catch (error) {
      if (ended.aborted) return;
      log.warn('The store did not take what was to be kept; it is sent again in half a minute.', {
        why: String(error),
      });
    }
  }
}
