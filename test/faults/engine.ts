/** The real engine in a process of its own, `anneal dev`, and a run on it, as a Temporal client sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { type EngineFacts, engineStanding } from '../../cli/dev/engineFile.js';
import { handleOf, startRun } from '../../cli/runs.js';
import type { BoostResult } from '../../config/report.js';
import { freePorts, withoutTemporal } from '../cli/dev/supervisor.js';

export interface RunningEngine {
  child: ChildProcess;
  facts: EngineFacts;
  exited: Promise<number | null>;
  /** All that it printed so far. */
  said(): string;
}

/** Longer than a start takes with both cores busy; set-up is done before. */
const startSeconds = 180;

/** Starts `anneal dev` in a project folder, with more in its environment; resolves when it is ready. */
export async function startEngine(root: string, env: NodeJS.ProcessEnv = {}): Promise<RunningEngine> {
  const { port, uiPort, reportPort } = await freePorts();
  const ports = ['--port', port, '--ui-port', uiPort, '--report-port', reportPort].map(String);
  const child = spawn(process.execPath, [path.join(packageFolder, 'cli/anneal.mjs'), 'dev', ...ports], {
    cwd: root,
    env: { ...withoutTemporal(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += text));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const deadline = Date.now() + startSeconds * 1000;
  for (;;) {
    const standing = await engineStanding(root);
    if (standing.kind === 'ready' && standing.facts.pid === child.pid)
      return { child, facts: standing.facts, exited, said: () => printed };
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The engine did not start: ${printed}`);
    }
    await pause(100);
  }
}

async function withClient<Result>({ facts }: RunningEngine, use: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address: facts.address, connectTimeout: '20s' });
  try {
    return await use(new Client({ connection, namespace: facts.namespace }));
  } finally {
    await connection.close();
  }
}

/** Starts the run of the task in a project folder, `boost-<task>`; returns its workflow id. */
export function beginRun(engine: RunningEngine, root: string, task: string): Promise<string> {
  return withClient(engine, async (client) => (await startRun(client, root, { task })).workflowId);
}

/** Waits for the end of a run. Throws what it failed with, or when it takes longer than so many minutes. */
export function endOfRun(engine: RunningEngine, workflowId: string, minutes: number): Promise<BoostResult> {
  return withClient(engine, async (client) => {
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    return resultWithin(client, { workflowId, runId }, minutes);
  });
}

/** The result of a run. Throws what it failed with, or when it takes longer than so many minutes. */
export function resultWithin(
  client: Client,
  run: Parameters<typeof handleOf>[1],
  minutes: number,
): Promise<BoostResult> {
  const late = AbortSignal.timeout(minutes * 60_000);
  setMaxListeners(0, late); // each poll of the client adds one, and none is taken away
  return client.withAbortSignal(late, () => handleOf(client, run).result());
}
