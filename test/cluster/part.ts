/** One process of the cluster: on a leash, so that it ends with the test; its output in a log. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { packageFolder } from '../../activities/recipe/packageFolder.js';

export interface Part {
  name: string;
  child: ChildProcess;
  log: string;
  end(): Promise<void>;
}

const leash = path.join(packageFolder, 'cli/dev/leash.mjs');

/** Starts it and waits until `isReady` says so. Throws with its log where it ends before, or takes too long. */
export async function startPart(
  name: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  { folder, isReady }: { folder: string; isReady: () => Promise<boolean> },
): Promise<Part> {
  const log = path.join(folder, `${name}.log`);
  const output = openSync(log, 'a');
  const child = spawn(process.execPath, [leash, ...command], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const part = {
    name,
    child,
    log,
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
  const deadline = Date.now() + 180_000;
  while (!(await isReady())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await part.end();
      throw new Error(`${name} does not start: ${readFileSync(log, 'utf8').slice(-3000)}`);
    }
    await pause(200);
  }
  return part;
}

export async function answers(url: string): Promise<boolean> {
  return (await fetch(url).catch(() => null))?.ok ?? false;
}

/** Addresses on which a process or one of its descendants listens. */
export async function listening(pid: number | undefined): Promise<string[]> {
  const pids = await family(Number(pid));
  const { stdout } = await promisify(execFile)('ss', ['-ltnpH']);
  const lines = stdout.split('\n').filter((line) => pids.some((each) => line.includes(`pid=${each},`)));
  return lines.map((line) => line.split(/\s+/)[3] ?? '');
}

async function family(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = text.trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(children.map(family))).flat()];
}
