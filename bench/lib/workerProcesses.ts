/** A Temporal dev server, and the project's own worker processes on it: what `anneal dev` runs, without its supervisor. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { taskQueues } from '../../config/queues.js';
import { nodeFlags } from '../../workers/kinds.js';

type WorkerKind = keyof typeof taskQueues;

export interface WorkerProcesses {
  client: Client;
  /** Living worker processes by their names, which is the class, and its number for a second one: `vlm`, `vlm-2`. */
  workers: Map<string, ChildProcess>;
  /** The name of one that was killed, or a further one. */
  start(kind: WorkerKind, name?: string): Promise<ChildProcess>;
  kill(name: string): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** Folder that inputs are relative to. */
  root: string;
  kinds: readonly WorkerKind[];
  /** Interpreter for workers that serve models. */
  python: string;
  temporalCli: string | undefined;
  /** Of every worker, besides what this process has. */
  environment?: Record<string, string>;
  /** Folder that a worker sees as the project's `.anneal`, as if it were on a machine of its own; needs root, on Linux. */
  diskOf?: (kind: WorkerKind) => string;
}

export async function startWorkers(options: WorkerOptions): Promise<WorkerProcesses> {
  const { kinds, temporalCli } = options;
  const executable = temporalCli ? { executable: { type: 'existing-path' as const, path: temporalCli } } : {};
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { ...executable, log: { format: 'pretty', level: 'error' } },
  });
  const workers = new Map<string, ChildProcess>();
  const start = async (kind: WorkerKind, name: string = kind) => {
    const child = spawnWorker(kind, options, environment.address);
    workers.set(name, child);
    await once(child, 'message');
    return child;
  };
  const kill = async (name: string) => {
    const child = workers.get(name);
    workers.delete(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= Promise.all([...workers.keys()].map(kill)).then(() => environment.teardown());
    return stopping;
  };
  try {
    await Promise.all(kinds.map((kind) => start(kind)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { client: environment.client, workers, start, kill, stop };
}

function spawnWorker(kind: WorkerKind, options: WorkerOptions, address: string): ChildProcess {
  const { root, python, environment = {}, diskOf } = options;
  const script = fileURLToPath(new URL('../../workers/run.ts', import.meta.url));
  const kept = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|NODE_OPTIONS$)/.test(name));
  const program = [process.execPath, ...(nodeFlags[kind] ?? []), '--import', import.meta.resolve('tsx'), script, kind];
  const [command = '', ...args] = diskOf ? [...onDisk(diskOf(kind), path.join(root, '.anneal')), ...program] : program;
  return spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', process.env['ANNEAL_WORKER_LOG'] ? 'inherit' : 'ignore', 'ipc'],
    env: {
      ...Object.fromEntries(kept),
      ...environment,
      ANNEAL_ROOT: root,
      ANNEAL_PYTHON: python,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_CONFIG_FILE: path.join(os.tmpdir(), 'no-temporal.toml'),
    },
  });
}

/** A command before another, by which that one and all that it starts see `disk` at `folder`, and nobody else does. */
function onDisk(disk: string, folder: string): string[] {
  const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', disk, folder];
}
