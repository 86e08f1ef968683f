/**
 * Folders of Python packages in the user's cache, each named by the digest of its lock file and installed from it with
 * every hash checked. An attempt gets a fresh folder, and the stamp, written last, names the one that is whole: whatever
 * kills an attempt, nothing half made is ever used, and a leftover installer can't write into a good environment.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { unlessMissing } from '../../activities/processes/there.js';
import { writeJson } from '../../activities/storage/files.js';
import { problem } from '../../config/problems.js';
import { type Installer, pipInstaller } from './installers.js';
import { withLock } from './lock.mjs';
import { cacheFolder, isExecutable, type Machine, type Progress } from './machine.js';

export interface EnvironmentPlan {
  name: string;
  /** For people, in "installing …". */
  what: string;
  lockFile: string;
  /** What must be free on the disk before it begins. */
  neededBytes: number;
  /** A program that must be in its `bin` when it is whole. */
  program: string;
}

const Stamp = z.strictObject({ folder: z.string(), python: z.string(), installer: z.string() });
const stampName = 'complete.json';
const lockName = 'lock';

/** The path of the plan's program, if the environment is whole. Reads two files, so it costs nothing when all is there. */
export async function findEnvironment(plan: EnvironmentPlan, machine: Machine): Promise<string | null> {
  const home = await homeOf(plan, machine);
  const text = await unlessMissing(readFile(path.join(home, stampName), 'utf8'));
  if (text === null) return null;
  const program = path.join(home, Stamp.parse(JSON.parse(text)).folder, 'bin', plan.program);
  return (await isExecutable(program)) ? program : null;
}

/**
 * The path of the plan's program, after an installation if need be. Installers are tried in turn; a second process waits
 * for the first. Throws NoSpace or SetUpFailed.
 */
export async function ensureEnvironment(
  plan: EnvironmentPlan,
  machine: Machine,
  progress: Progress,
  installers: () => Promise<Installer[]> = async () => [await pipInstaller(machine)],
): Promise<string> {
  const ready = await findEnvironment(plan, machine);
  if (ready !== null) return ready;
  const home = await homeOf(plan, machine);
  const lock = path.join(home, lockName);
  const onWait = (holder: number): void =>
    progress(`waiting for process ${holder}, which installs ${plan.what} (${lock})`);
  return withLock(lock, onWait, async () => {
    const readyMeanwhile = await findEnvironment(plan, machine);
    if (readyMeanwhile !== null) return readyMeanwhile;
    await needSpace(plan, home, machine);
    await removeLeftovers(home);
    return install(plan, home, await installers(), progress);
  });
}

async function install(
  plan: EnvironmentPlan,
  home: string,
  installers: Installer[],
  progress: Progress,
): Promise<string> {
  const failures: string[] = [];
  for (const installer of installers) {
    const folder = `${installer.name}-${process.pid}-${Date.now().toString(36)}`;
    const started = Date.now();
    const seconds = (): number => Math.round((Date.now() - started) / 1000);
    progress(`installing ${plan.what} with ${installer.name}`);
    const report = setInterval(() => progress(`still installing ${plan.what}, ${seconds()} s`), 10_000);
    const failure = await installer
      .install(path.join(home, folder), plan.lockFile, progress)
      .finally(() => clearInterval(report));
    const program = path.join(home, folder, 'bin', plan.program);
    if (failure === null && (await isExecutable(program))) {
      await writeJson(path.join(home, stampName), { folder, python: installer.python, installer: installer.name });
      progress(`installed ${plan.what} in ${seconds()} s: ${path.join(home, folder)}`);
      return program;
    }
    failures.push(failure ?? `${installer.name} installed no program "${plan.program}".`);
    progress(`${installer.name} could not install ${plan.what}: ${failures.at(-1)}`);
  }
  throw problem('SetUpFailed', {
    what: `${capital(plan.what)} could not be installed. ${failures.at(-1)}`,
    where: home,
    todo: `Check that this machine reaches its package index, then run the same command again (what was downloaded is kept). By hand: ${installers.at(-1)?.byHand(plan.lockFile)}`,
  });
}

/** `<cache>/<name>-<digest of the lock file and the platform>`. */
export async function homeOf(plan: EnvironmentPlan, machine: Machine): Promise<string> {
  const lock = await readFile(plan.lockFile);
  const digest = createHash('sha256')
    .update(lock)
    .update(`\n${machine.platform} ${machine.architecture}`)
    .digest('hex');
  return path.join(cacheFolder(machine), `${plan.name}-${digest.slice(0, 12)}`);
}

const gigabyte = 1e9;

async function needSpace(plan: EnvironmentPlan, home: string, machine: Machine): Promise<void> {
  const free = await machine.freeBytes(home);
  if (free >= plan.neededBytes) return;
  throw problem('NoSpace', {
    what: `${capital(plan.what)} need ${(plan.neededBytes / gigabyte).toFixed(1)} GB of disk space to install, and ${(free / gigabyte).toFixed(1)} GB are free.`,
    where: home,
    todo: 'Free some space there, or set XDG_CACHE_HOME to a folder on a larger disk.',
  });
}

/** Everything but the lock: attempts that were cut off, or an environment whose Python has gone. */
async function removeLeftovers(home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  for (const name of await readdir(home)) {
    if (name !== lockName) await rm(path.join(home, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
