/** The two ways from a hash-locked requirements file to an environment: uv, and plain pip. */
import path from 'node:path';
import { type Interpreter, needInterpreter } from './interpreter.js';
import type { Machine, Progress } from './machine.js';

export interface Installer {
  name: string;
  /** Version of the Python that it builds on. */
  python: string;
  /** Makes a new environment in `folder`. Null when it worked, else a sentence and the last lines that say why not. */
  install: (folder: string, lockFile: string, progress: Progress) => Promise<string | null>;
  /** What a person could type to see the failure. */
  byHand: (lockFile: string) => string;
}

/** Works where Python has its venv module; Debian splits that off into python3-venv. */
export async function pipInstaller(machine: Machine): Promise<Installer> {
  const python = await needInterpreter(machine);
  return {
    name: 'pip',
    python: python.version,
    install: (folder, lockFile, progress) =>
      steps(machine, progress, [
        [python.path, '-m', 'venv', folder],
        [
          ...[path.join(folder, 'bin', 'python'), '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input'],
          ...['--progress-bar', 'off', '--require-hashes', '-r', lockFile],
        ],
      ]),
    byHand: (lockFile) => `${python.path} -m venv try && try/bin/pip install --require-hashes -r ${lockFile}`,
  };
}

/** Installs the 6 GB in half a minute where pip takes minutes. */
export function uvInstaller(uv: string, python: Interpreter, machine: Machine): Installer {
  return {
    name: 'uv',
    python: python.version,
    install: (folder, lockFile, progress) =>
      steps(machine, progress, [
        [uv, 'venv', '--quiet', '--python', python.path, folder],
        [uv, 'pip', 'install', '--python', path.join(folder, 'bin', 'python'), '--require-hashes', '-r', lockFile],
      ]),
    byHand: (lockFile) => `uv venv try && uv pip install --python try/bin/python --require-hashes -r ${lockFile}`,
  };
}

const linesShown = 6;

/** Large downloads and the final counts; the rest of what the installers say is noise. */
function isWorthTelling(line: string): boolean {
  const megabytes = /^\s*Downloading .*\(([\d.]+) ?Mi?B\)/.exec(line)?.[1];
  return megabytes === undefined ? /^\s*(Installed|Prepared|Successfully)\b/.test(line) : Number(megabytes) >= 100;
}

async function steps(machine: Machine, progress: Progress, commands: string[][]): Promise<string | null> {
  for (const [command = '', ...args] of commands) {
    const { code, lines } = await machine.run(command, args, {
      env: { ...machine.env, UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1', PYTHONNOUSERSITE: '1' },
      onLine: (line) => {
        if (isWorthTelling(line)) progress(`  ${line.trim().slice(0, 120)}`);
      },
    });
    if (code !== 0)
      return [
        `"${path.basename(command)} ${args[0]} ${args[1] ?? ''}" ended with ${code}:`,
        ...lines.slice(-linesShown),
      ].join('\n    ');
  }
  return null;
}
