/** A supervisor in a process of its own, as tests drive it: what it says, waiting for it, killing it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { isLiving, type ProcessIdentity } from '../../../activities/processes/identity.js';
import { packageFolder } from '../../../activities/recipe/packageFolder.js';
import type { EngineFacts } from '../../../cli/dev/engineFile.js';
import { ensureTemporalCli } from '../../../cli/setup/temporalCli.js';

export interface Line {
  said?: string;
  ready?: EngineFacts;
  found?: EngineFacts;
  failed?: { type: string; what: string; where: string; todo: string };
}

export interface Supervisor {
  child: ChildProcess;
  lines: Line[];
  /** The first line, from now or before, that has it. */
  until<Value>(pick: (line: Line) => Value | undefined, seconds?: number): Promise<Value>;
  exited: Promise<number | null>;
}

const started: ChildProcess[] = [];

/** Ends those that a failed test left, and with them their children. */
export function killSupervisors(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

export async function startSupervisor(root: string, ports: object, env: NodeJS.ProcessEnv = {}): Promise<Supervisor> {
  const temporal = await ensureTemporalCli(() => undefined);
  const script = path.join(packageFolder, 'test/cli/dev/engineProcess.ts');
  const args = ['--import', 'tsx', script, root, temporal.path, temporal.version, JSON.stringify(ports)];
  const child = spawn(process.execPath, args, {
    cwd: packageFolder,
    env: { ...withoutTemporal(), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as Line));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { child, lines, exited, until: (pick, seconds = 90) => untilLine(child, lines, pick, seconds) };
}

/** The developer's own server must not be used by tests, nor jest's flags by children. */
export function withoutTemporal(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|NODE_OPTIONS$)/.test(name));
  return { ...Object.fromEntries(entries), TEMPORAL_CONFIG_FILE: path.join(os.tmpdir(), 'no-temporal.toml') };
}

async function untilLine<Value>(
  child: ChildProcess,
  lines: readonly Line[],
  pick: (line: Line) => Value | undefined,
  seconds: number,
): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const picked = lines.map(pick).find((value) => value !== undefined);
    if (picked !== undefined) return picked;
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (isOver || Date.now() > deadline) {
      throw new Error(`The supervisor never said it${isOver ? ' and ended' : ''}: ${JSON.stringify(lines)}`);
    }
    await pause(50);
  }
}

export async function makeRoot(): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), 'anneal-engine-'));
}

export async function removeRoot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

/** Ports that are free now; the system hands out others for a while. */
export async function freePorts(): Promise<{ port: number; uiPort: number; reportPort: number; codecPort: number }> {
  const ports = await Promise.all(Array.from({ length: 4 }, freePort));
  const [port = 0, uiPort = 0, reportPort = 0, codecPort = 0] = ports;
  return { port, uiPort, reportPort, codecPort };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Those of the processes that live on after so many seconds. */
export async function livingAfter(processes: readonly ProcessIdentity[], seconds: number): Promise<ProcessIdentity[]> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const living = [];
    for (const one of processes) if (await isLiving(one)) living.push(one);
    if (living.length === 0 || Date.now() > deadline) return living;
    await pause(100);
  }
}
