/** Children of an engine that was killed: they end by themselves, and are ended if they don't. */
import { setTimeout as pause } from 'node:timers/promises';
import { isLiving, type ProcessIdentity } from '../../activities/processes/identity.js';

/** Returns when all of them are gone; after the grace they are killed. A pid that another process has now is left alone. */
export async function seeGone(processes: readonly ProcessIdentity[], graceMilliseconds: number): Promise<void> {
  const deadline = Date.now() + graceMilliseconds;
  for (const one of processes) {
    while ((await isLiving(one)) && Date.now() < deadline) await pause(50);
    if (!(await isLiving(one))) continue;
    process.kill(one.pid, 'SIGKILL');
    while (await isLiving(one)) await pause(10);
  }
}
