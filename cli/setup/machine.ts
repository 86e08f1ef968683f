/** What set-up sees of this machine, and how it runs other programs. Tests hand in a machine of their own. */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { packageFolder } from '../../activities/recipe/packageFolder.js';

/** Told one line at a time what is going on. */
export type Progress = (line: string) => void;

export interface CommandResult {
  code: number;
  /** The last lines of both outputs. */
  lines: string[];
}
export type RunCommand = (
  command: string,
  args: readonly string[],
  options?: { env?: NodeJS.ProcessEnv; onLine?: (line: string) => void },
) => Promise<CommandResult>;

export interface Machine {
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  architecture: string;
  home: string;
  /** The folder with our lock files. */
  packageFolder: string;
  run: RunCommand;
  /** Bytes that we may still write in a folder, or in its nearest parent that exists. */
  freeBytes: (folder: string) => Promise<number>;
}

export function thisMachine(): Machine {
  return {
    env: process.env,
    platform: process.platform,
    architecture: process.arch,
    home: os.homedir(),
    packageFolder,
    run: runCommand,
    freeBytes,
  };
}

/** Lines on stderr, each with the time of day. */
export function progressLines(stream: Pick<NodeJS.WriteStream, 'write'> = process.stderr): Progress {
  return (line) => stream.write(`${new Date().toTimeString().slice(0, 8)}  ${line}\n`);
}

/** Where this user's caches are: everything that is installed lies in here, once for all clones. */
export function cacheFolder({ env, platform, home }: Pick<Machine, 'env' | 'platform' | 'home'>): string {
  const given = env['XDG_CACHE_HOME'];
  if (given !== undefined && path.isAbsolute(given)) return path.join(given, 'anneal');
  return path.join(home, platform === 'darwin' ? 'Library/Caches' : '.cache', 'anneal');
}

/** The first executable of this name on the PATH; null if there is none. */
export async function onPath(name: string, { env }: Pick<Machine, 'env'>): Promise<string | null> {
  for (const folder of (env['PATH'] ?? '').split(path.delimiter).filter(path.isAbsolute)) {
    const file = path.join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return null;
}

/** Follows links, so the interpreter of an environment whose Python was removed is not executable. */
export async function isExecutable(file: string): Promise<boolean> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  return (
    isFile &&
    (await access(file, constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
}

const linesKept = 40;
const notFound = 127;

/**
 * Runs a program to its end and never throws for its exit code: 127 when it can't be started. If we are told to end
 * meanwhile, the program is told first, and we end as we would have without it.
 */
export const runCommand: RunCommand = (command, args, { env = process.env, onLine } = {}) =>
  new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const release = endWithUs(child);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > linesKept) lines.shift();
        onLine?.(line);
      });
    }
    child.once('error', (error) => {
      release();
      resolve({ code: notFound, lines: [error.message] });
    });
    child.once('close', (code) => {
      release();
      resolve({ code: code ?? 1, lines });
    });
  });

function endWithUs(child: {
  kill: (signal: NodeJS.Signals) => boolean;
  once: (event: 'exit', then: () => void) => unknown;
}) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (signal: NodeJS.Signals): void => {
    release();
    child.once('exit', () => process.kill(process.pid, signal));
    child.kill(signal);
  };
  const release = (): void => {
    for (const signal of signals) process.off(signal, end);
  };
  for (const signal of signals) process.once(signal, end);
  return release;
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return freeBytes(path.dirname(folder));
  }
}
