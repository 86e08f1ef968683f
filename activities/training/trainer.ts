/** The trainer process of a job folder: does one live, and may another start. */
import { type Standing, standingOf } from '../processes/claims.js';
import { identityOf, type ProcessIdentity } from '../processes/identity.js';
import { isLockHeld } from '../processes/lock.js';
import { orphansOf } from '../processes/orphans.js';
import { jobFiles, readPid } from './jobFolder.js';

/** Like `standingOf`, and knows as well of a trainer that somebody started by hand: it holds the lock and told its pid. */
export async function trainerStanding(job: string): Promise<Standing> {
  const standing = await standingOf(job);
  if (standing.kind !== 'free') return standing;
  const told = await readPid(job);
  if (told === null) return standing;
  const next = Math.max(standing.next, told.attempt + 1);
  const holder = (await isLockHeld(jobFiles(job).lock)) ? await identityOf(told.pid) : null;
  return holder === null
    ? { kind: 'free', next }
    : { kind: 'living', attempt: told.attempt, process: holder, port: null };
}

/** What earlier trainers of the job left behind; only where none lives. */
export function leftBehind(job: string): Promise<ProcessIdentity[]> {
  return orphansOf(job, jobFiles(job).lock);
}

/** Whether a trainer that nobody knows of works in the folder: what is left of an earlier one is none. */
export async function isWorkedIn(job: string): Promise<boolean> {
  return (await isLockHeld(jobFiles(job).lock)) && (await leftBehind(job)).length === 0;
}
