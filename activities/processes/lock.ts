/** Whether a lock file is held, without taking it: a look must never be in the way of a trainer that starts. */
import { readFile, stat } from 'node:fs/promises';
import { unlessMissing } from './there.js';

/**
 * True when some process holds a `flock` on the file. Linux tells; elsewhere, and across machines, this knows of no holder and
 * says false: the proof is then the process identity alone.
 */
export async function isLockHeld(file: string): Promise<boolean> {
  const lock = await unlessMissing(stat(file));
  if (lock === null || process.platform !== 'linux') return false;
  const table = (await unlessMissing(readFile('/proc/locks', 'utf8'))) ?? '';
  return table.split('\n').some((line) => {
    // 1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF; "->" marks those that wait
    const [, kind, , , , place] = line.split(/\s+/);
    return kind === 'FLOCK' && place?.split(':').at(-1) === String(lock.ino);
  });
}
