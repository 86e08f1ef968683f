/** Who a process is: its id and when it started, so that an id used again is never taken for the old process. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

export const ProcessIdentity = z.object({
  pid: z.int().positive(),
  startedAt: z.string().describe('Linux: ticks since boot, field 22 of /proc/<pid>/stat; elsewhere the text of ps.'),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** The process that has this id now; null when there is none, or only its remains (a zombie). */
export async function identityOf(pid: number): Promise<ProcessIdentity | null> {
  const seen = process.platform === 'linux' ? await seenInProc(pid) : await seenByPs(pid);
  if (seen === null || /^[ZX]/.test(seen.state)) return null;
  return { pid, startedAt: seen.startedAt };
}

export async function isLiving(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.pid))?.startedAt === identity.startedAt;
}

/** This very process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  const own = await identityOf(process.pid);
  if (own === null) throw new Error(`Process ${process.pid} can't find itself.`);
  return own;
}

/** The process group that a process of this id is in; null when there is none, and where the system is not Linux. */
export async function groupOf(pid: number): Promise<number | null> {
  return process.platform === 'linux' ? ((await seenInProc(pid))?.group ?? null) : null;
}

interface Seen {
  state: string;
  startedAt: string;
  group?: number;
}

async function seenInProc(pid: number): Promise<Seen | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  });
  if (text === null) return null;
  // The second field is the command in brackets and may hold anything; the third one comes after the last bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '', group: Number(fields[2]) };
}

async function seenByPs(pid: number): Promise<Seen | null> {
  const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  const answer = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: environment,
  }).catch((error: { code?: unknown }) => {
    if (error.code === 1) return null; // no such process
    throw error;
  });
  const [state = '', ...startedAt] = (answer?.stdout ?? '').trim().split(/\s+/);
  return state === '' ? null : { state, startedAt: startedAt.join(' ') };
}
