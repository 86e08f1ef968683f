/** The Python that runs the trainer, the model server and their tests. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { type Installer, pipInstaller, uvInstaller } from './installers.js';
import { needInterpreter } from './interpreter.js';
import { type EnvironmentPlan, ensureEnvironment, findEnvironment } from './lockedEnvironment.js';
import { type Machine, onPath, type Progress, thisMachine } from './machine.js';

const gigabyte = 1e9;

export function trainerPlan(machine: Machine): EnvironmentPlan {
  return {
    name: 'python',
    what: 'the trainer’s Python packages',
    lockFile: path.join(machine.packageFolder, 'trainer', 'requirements.lock'),
    neededBytes: 8 * gigabyte, // 5.8 GB installed, and downloads in between
    program: 'python',
  };
}

export function uvPlan(machine: Machine): EnvironmentPlan {
  return {
    name: 'uv',
    what: 'the installer uv',
    lockFile: path.join(machine.packageFolder, 'cli', 'setup', 'locks', 'uv.txt'),
    neededBytes: 0.2 * gigabyte,
    program: 'uv',
  };
}

/**
 * ANNEAL_PYTHON if it is set and has the packages; else the environment of trainer/requirements.lock, installed into the
 * user's cache if it isn't there. Throws InvalidInput (ANNEAL_PYTHON), NoSpace or SetUpFailed.
 */
export async function ensurePythonEnvironment(
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<{ python: string }> {
  const given = machine.env['ANNEAL_PYTHON'];
  if (given !== undefined && given !== '') return { python: await checkedPython(given, machine) };
  const plan = trainerPlan(machine);
  const ready = await findEnvironment(plan, machine);
  if (ready !== null) return { python: ready };
  progress('the trainer needs 5.8 GB of Python packages: half a minute to several minutes, once for all clones');
  return { python: await ensureEnvironment(plan, machine, progress, () => installers(machine, progress)) };
}

/** uv first, from the PATH or installed by pip; then pip itself, which heeds configuration that uv doesn't know. */
async function installers(machine: Machine, progress: Progress): Promise<Installer[]> {
  const python = await needInterpreter(machine);
  const pip = await pipInstaller(machine);
  try {
    const uv = (await onPath('uv', machine)) ?? (await ensureEnvironment(uvPlan(machine), machine, progress));
    return [uvInstaller(uv, python, machine), pip];
  } catch (error) {
    progress(`going on without uv: ${(error as Error).message}`);
    return [pip];
  }
}

async function checkedPython(python: string, machine: Machine): Promise<string> {
  const missing = await missingPackages(python, machine);
  if (missing.length === 0) return python;
  throw problem('InvalidInput', {
    what: `The Python that ANNEAL_PYTHON names lacks ${missing.join(', ')}.`,
    where: `ANNEAL_PYTHON=${python}`,
    todo: `Unset ANNEAL_PYTHON, or: ${python} -m pip install -r ${trainerPlan(machine).lockFile}`,
  });
}

/** Names from the first part of requirements.in (what a run needs) that this Python doesn't have; "Python" if it doesn't start. */
export async function missingPackages(python: string, machine: Machine): Promise<string[]> {
  const wanted = await neededPackages(machine);
  const { code, lines } = await machine.run(python, ['-c', probe, ...wanted]);
  if (code !== 0) return [`a Python that starts (${lines.at(-1) ?? `exit code ${code}`})`];
  return (lines.at(-1) ?? '').split(' ').filter(Boolean);
}

const probe = `
import importlib.metadata as metadata, sys
def has(name):
    try: return bool(metadata.version(name))
    except metadata.PackageNotFoundError: return False
print(*(name for name in sys.argv[1:] if not has(name)))`;

async function neededPackages(machine: Machine): Promise<string[]> {
  const text = await readFile(path.join(machine.packageFolder, 'trainer', 'requirements.in'), 'utf8');
  const [first = ''] = text.split('# Checks and tests.');
  return first.split('\n').flatMap((line) => /^[a-z][\w-]*/.exec(line)?.[0] ?? []);
}
