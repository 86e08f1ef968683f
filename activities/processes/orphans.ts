/** Processes that a trainer left behind: they hold its lock as long as they live, for a fork has it too. */
import { readdir, stat } from 'node:fs/promises';
import { type Claim, claimsOf } from './claims.js';
import { groupOf, identityOf, isLiving, type ProcessIdentity } from './identity.js';
import { unlessMissing } from './there.js';

/**
 * Those that hold the lock of a folder open and belong to the group of a process that was started there and is gone. A group's
 * number is given to nobody else while one of it lives. Linux tells; elsewhere none are found.
 */
export async function orphansOf(folder: string, lock: string): Promise<ProcessIdentity[]> {
  const file = await unlessMissing(stat(lock));
  if (file === null || process.platform !== 'linux') return [];
  const groups = await groupsWithoutLeader(await claimsOf(folder));
  if (groups.size === 0) return [];
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (!groups.has((await groupOf(pid)) ?? 0) || !(await holds(pid, file))) return null;
      return identityOf(pid);
    }),
  );
  return found.filter((one) => one !== null);
}

async function groupsWithoutLeader(claims: Claim[]): Promise<Set<number>> {
  const leaders = claims.map((claim) => claim.process).filter((leader) => leader !== null);
  const living = await Promise.all(leaders.map(isLiving));
  return new Set(leaders.filter((_, index) => !living[index]).map(({ pid }) => pid));
}

async function holds(pid: number, file: { dev: number; ino: number }): Promise<boolean> {
  const open = `/proc/${pid}/fd`;
  // One of another user, or one that ends meanwhile, shows nothing.
  const names = await readdir(open).catch(() => []);
  const files = await Promise.all(names.map((name) => stat(`${open}/${name}`).catch(() => null)));
  return files.some((one) => one?.ino === file.ino && one.dev === file.dev);
}
