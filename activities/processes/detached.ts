/** Processes that outlive us: how they start, how they are told to end, and what they said. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { identityOf, isLiving, type ProcessIdentity } from './identity.js';
import { type ActivityLife, beatAndWait, uninterrupted } from './life.js';
import { unlessMissing } from './there.js';

export interface Command {
  program: string;
  arguments: string[];
  environment: Record<string, string>;
  /** Both streams are appended to this file. */
  log: string;
}

/** How a process ended: its exit code, or the signal that ended it. */
export interface Ending {
  code: number | null;
  signal: string | null;
}

export interface Spawned {
  process: ProcessIdentity;
  ended: Promise<Ending>;
  /** The same, and our process stays up until then: by itself a process that lives on without us keeps nobody. */
  join: () => Promise<Ending>;
}

/** Keys, tokens and the like stay with us: a child gets what it needs to find its files and its accelerator. */
const passedOn =
  /^(PATH|HOME|USER|LANG|LC_ALL|TZ|TMPDIR|LD_LIBRARY_PATH|XDG_CACHE_HOME|(CUDA|NVIDIA|NCCL|OMP|MKL|ROCR|HIP|TORCH|PYTORCH)_\w+)$/;

export function childEnvironment(more: Record<string, string>): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => passedOn.test(entry[0]) && entry[1] !== undefined,
  );
  return { ...Object.fromEntries(own), ...more };
}

/** The child waits at this gate until its identity is on the disk. If we die before, it reads the end of its input and goes. */
const gate = 'read -r go && exec "$@" </dev/null';

/**
 * Starts a process in a session of its own that lives on without us. `record` is awaited before the program proper begins,
 * so that no process of ours ever runs without its identity being on the disk.
 */
export async function spawnDetached(
  command: Command,
  record: (identity: ProcessIdentity) => Promise<void>,
): Promise<Spawned> {
  await mkdir(path.dirname(command.log), { recursive: true });
  const log = openSync(command.log, 'a');
  const child = spawn('/bin/sh', ['-c', gate, 'sh', command.program, ...command.arguments], {
    cwd: '/',
    env: command.environment,
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  ended.catch(() => undefined); // awaited by those who care; the others must not end by it
  const identity = child.pid === undefined ? null : await identityOf(child.pid);
  if (identity === null || child.stdin === null) {
    throw new Error(`${command.program} could not be started.`, { cause: await ended });
  }
  child.stdin.on('error', () => undefined); // EPIPE: the child is gone, which `ended` says
  try {
    await record(identity);
    child.stdin.end('go\n');
  } catch (error) {
    child.stdin.destroy();
    throw error;
  }
  child.unref();
  const join = () => {
    child.ref();
    return ended;
  };
  return { process: identity, ended, join };
}

/** Signals the process and its group. False when it is gone already. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isLiving(identity))) return false;
  for (const target of [-identity.pid, identity.pid]) {
    try {
      process.kill(target, signal);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return false;
}

/** Waits until the process is gone, beating every time it looks. False when it still lives after `patienceSeconds`. */
export async function waitUntilGone(
  identity: ProcessIdentity,
  { life = uninterrupted(), patienceSeconds = Number.POSITIVE_INFINITY, details }: WaitOptions = {},
): Promise<boolean> {
  const until = performance.now() + patienceSeconds * 1000;
  for (let wait = 20; await isLiving(identity); wait = Math.min(wait * 1.5, 1000)) {
    if (performance.now() > until) return false;
    await beatAndWait(life, wait, details);
  }
  return true;
}

export interface WaitOptions {
  life?: ActivityLife;
  patienceSeconds?: number;
  /** Heartbeat details. */
  details?: unknown;
}

/** Asks the process to end, and ends it if it has not after `patienceSeconds`. */
export async function endProcess(identity: ProcessIdentity, options: WaitOptions = {}): Promise<void> {
  if (!(await signalProcess(identity, 'SIGTERM'))) return;
  if (await waitUntilGone(identity, options)) return;
  await signalProcess(identity, 'SIGKILL');
  await waitUntilGone(identity, { ...options, patienceSeconds: Number.POSITIVE_INFINITY });
}

/** The last `bytes` of a log, without half a line at its beginning; empty when there is no log. */
export async function logTail(file: string, bytes = 2048): Promise<string> {
  const handle = await unlessMissing(open(file));
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return (from > 0 ? text.slice(text.indexOf('\n') + 1) : text).trim();
  } finally {
    await handle.close();
  }
}
