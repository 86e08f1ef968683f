/** Activities whose files lie in a store: what they need is brought to this disk before, what they made is sent after. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Mirror } from '../activities/storage/mirror.js';
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
    for (const place of kept) await mirror.takeUp(place, signal);
    for (const place of (await its.reads?.(input)) ?? []) await mirror.bring(place, signal);
    for (const place of (await its.records?.(input)) ?? []) await mirror.bringRecords(place, signal);
    const result = await keeping(mirror, kept, () => activity(input));
    for (const place of (await its.writes?.(input, result)) ?? []) await mirror.send(place);
    for (const place of (await its.removes?.(input)) ?? []) await mirror.prune(place);
    return mirror.toStored(result);
  };
}

/** Sends what is kept while the work goes on, and once more when it has ended, also by a failure or a cancel. */
async function keeping(mirror: Mirror, places: string[], work: () => Promise<unknown>): Promise<unknown> {
  if (places.length === 0) return work();
  const ended = new AbortController();
  const sending = sendAtTimes(mirror, places, ended.signal);
  try {
    return await work();
  } finally {
    ended.abort();
    await sending;
    for (const place of places) await mirror.keep(place);
  }
}

async function sendAtTimes(mirror: Mirror, places: string[], ended: AbortSignal): Promise<void> {
  const { log } = Context.current();
  while (!ended.aborted) {
    await sleep(keepingMilliseconds, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) return;
    try {
      for (const place of places) await mirror.keep(place);
    } catch (error) {
      log.warn('The store did not take what was to be kept; it is sent again in half a minute.', {
        why: String(error),
      });
    }
  }
}
