// @ts-check
/**
 * The npm packages of this folder: whether they are those of package-lock.json, and their installation.
 * Plain JavaScript without packages, since it runs before there are any.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';

const reportMilliseconds = 10_000;

/**
 * Installs what package-lock.json names, unless that was done. npm's own record is written last, and our stamp after it,
 * so an installation that was interrupted is done again; a second process waits for the first.
 *
 * @param {string} root the folder with package-lock.json
 * @param {(line: string) => void} progress
 * @returns {Promise<void>}
 * @throws {Error} when npm fails; what it said stands on stderr
 */
export async function ensureNpmPackages(root, progress) {
  if (await hasNpmPackages(root)) return;
  const lock = path.join(root, '.anneal', 'locks', 'npm');
  const onWait = (/** @type {number} */ holder) =>
    progress(`waiting for process ${holder}, which installs the npm packages (${lock})`);
  await withLock(lock, onWait, async () => {
    if (await hasNpmPackages(root)) return;
    const started = Date.now();
    progress('installing npm packages, about half a minute…');
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const report = setInterval(() => progress(`still installing npm packages, ${seconds()} s`), reportMilliseconds);
    try {
      await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], root);
    } finally {
      clearInterval(report);
    }
    if (!(await hasNpmPackages(root))) throw new Error('npm ci ended before everything was installed.');
    progress(`npm packages installed in ${seconds()} s`);
  });
}

/**
 * True when the stamp says so, or when npm's own record of what it installed agrees with the lock (somebody ran
 * `npm install` by hand: then nothing is installed twice). True without a lock, too: then we are somebody's dependency,
 * and our packages came with us.
 *
 * @param {string} root
 * @returns {Promise<boolean>}
 */
export async function hasNpmPackages(root) {
  const lock = await readIfThere(lockOf(root));
  if (lock === null) return true;
  if ((await readIfThere(stampOf(root))) === digestOf(lock)) return true;
  const record = await readIfThere(path.join(root, 'node_modules', '.package-lock.json'));
  if (record === null) return false;
  const installed = JSON.parse(record).packages;
  const locked = JSON.parse(lock).packages;
  const isThere = (/** @type {string} */ folder) =>
    folder === '' || locked[folder].optional || installed[folder]?.version === locked[folder].version;
  if (!Object.keys(locked).every(isThere)) return false;
  await writeFile(stampOf(root), digestOf(lock));
  return true;
}

/**
 * @param {string} file
 * @returns {Promise<string | null>}
 */
async function readIfThere(file) {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return null;
    throw error;
  }
}

/** @param {string} root */
const lockOf = (root) => path.join(root, 'package-lock.json');
/** @param {string} root */
const stampOf = (root) => path.join(root, 'node_modules', '.anneal-lock');

/**
 * @param {string} lock
 * @returns {string}
 */
const digestOf = (lock) => createHash('sha256').update(lock).digest('hex');

/**
 * Runs the npm that started us, or the one on the PATH, on a leash: it ends with us, even if we are killed, so that it
 * never writes into a folder in which the next one has begun. When we are told to end, npm is told first.
 *
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<void>}
 */
function npm(args, cwd) {
  const ours = process.env['npm_execpath'];
  const isNpm = ours !== undefined && path.basename(ours).startsWith('npm');
  const command = isNpm ? [process.execPath, ours] : ['npm'];
  return new Promise((resolve, reject) => {
    const stdio = /** @type {const} */ (['ignore', 'ignore', 'inherit', 'ipc']);
    const child = spawn(process.execPath, [leash, ...command, ...args], { cwd, stdio: [...stdio] });
    const end = (/** @type {NodeJS.Signals} */ signal) => {
      child.once('exit', () => process.kill(process.pid, signal));
      child.kill('SIGTERM');
    };
    process.once('SIGINT', end).once('SIGTERM', end);
    child.once('error', (error) => reject(new Error(`npm could not be started: ${error.message}`)));
    child.once('exit', (code, signal) => {
      process.off('SIGINT', end).off('SIGTERM', end);
      if (code === 0) resolve();
      else reject(new Error(`npm ci ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}

const leash = fileURLToPath(new URL('../dev/leash.mjs', import.meta.url));
