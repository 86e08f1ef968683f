// @ts-check
/**
 * One holder at a time, across processes. Plain JavaScript: the bootstrap needs it before any package is installed.
 *
 * A lock is a folder of numbered marks; the highest one counts, and it is a symlink to its holder's process id, touched
 * while the holder lives. Taking over means making the next number, which only one process can do, and nobody ever
 * removes another's mark: so there is no moment in which two can both believe that they hold it.
 */
import { lstat, lutimes, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMilliseconds = 200;
const touchMilliseconds = 5_000;
/** A mark that was not touched for so long belongs to nobody, even if its process id is in use again. */
const staleMilliseconds = 30_000;
const waitReportMilliseconds = 10_000;

/**
 * Waits for the lock, works, and lets it go, whatever the work's outcome.
 *
 * @template T
 * @param {string} folder where the marks lie; made if it isn't there
 * @param {(holder: number) => void} onWait told the holder's process id when a wait begins, and every 10 seconds
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, onWait, work) {
  const mark = await acquire(folder, onWait);
  const touch = setInterval(
    () => lutimes(mark, new Date(), new Date()).catch(() => clearInterval(touch)),
    touchMilliseconds,
  );
  touch.unref();
  try {
    return await work();
  } finally {
    clearInterval(touch);
    await rm(mark, { force: true });
  }
}

/**
 * @param {string} folder
 * @param {(holder: number) => void} onWait
 * @returns {Promise<string>} our mark
 */
async function acquire(folder, onWait) {
  await mkdir(folder, { recursive: true });
  let nextReport = 0;
  for (;;) {
    const newest = Math.max(0, ...(await readdir(folder)).map(Number).filter(Number.isInteger));
    const holder = newest === 0 ? null : await liveHolder(path.join(folder, String(newest)));
    if (holder === null) {
      const mark = path.join(folder, String(newest + 1));
      if (await created(mark)) return mark;
    } else if (Date.now() >= nextReport) {
      onWait(holder);
      nextReport = Date.now() + waitReportMilliseconds;
    }
    await sleep(pollMilliseconds);
  }
}

/**
 * @param {string} mark
 * @returns {Promise<boolean>} false when somebody else was faster
 */
async function created(mark) {
  try {
    await symlink(String(process.pid), mark);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} mark
 * @returns {Promise<number | null>} the holder's process id; null when it is gone
 */
async function liveHolder(mark) {
  try {
    const { mtimeMs } = await lstat(mark);
    const holder = Number(await readlink(mark));
    return Date.now() - mtimeMs < staleMilliseconds && isAlive(holder) ? holder : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * @param {unknown} error
 * @returns {string | undefined}
 */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}
