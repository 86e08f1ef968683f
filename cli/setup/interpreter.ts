/** Which Python makes the environments. */
import { problem } from '../../config/problems.js';
import { type Machine, onPath } from './machine.js';

export const oldestPython = [3, 11] as const;
const names = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];

export interface Interpreter {
  path: string;
  /** As in 3.11.7. */
  version: string;
}

/** The first interpreter on the PATH that is new enough and starts (a version manager's shim may not); null if none does. */
export async function findInterpreter(machine: Machine): Promise<Interpreter | null> {
  for (const name of names) {
    const candidate = await onPath(name, machine);
    if (candidate === null) continue;
    const version = await versionOf(candidate, machine);
    if (version !== null && isNewEnough(version)) return { path: candidate, version };
  }
  return null;
}

/** Throws SetUpFailed when there is none. */
export async function needInterpreter(machine: Machine): Promise<Interpreter> {
  const found = await findInterpreter(machine);
  if (found !== null) return found;
  throw problem('SetUpFailed', {
    what: `No Python ${oldestPython.join('.')} or newer was found (looked for ${names.join(', ')}).`,
    where: 'PATH',
    todo: `Install one, for example: ${machine.platform === 'darwin' ? 'brew install python@3.12' : 'apt-get install python3 python3-venv'}`,
  });
}

/** As in 3.11.7; null when the program doesn't start or is no Python. */
export async function versionOf(python: string, machine: Machine): Promise<string | null> {
  const { code, lines } = await machine.run(python, ['-c', 'import platform; print(platform.python_version())']);
  const version = lines.at(-1) ?? '';
  return code === 0 && /^\d+\.\d+\.\d+/.test(version) ? version : null;
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestPython[0] || (major === oldestPython[0] && minor >= oldestPython[1]);
}
