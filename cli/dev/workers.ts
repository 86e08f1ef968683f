/** Workers of some classes on a Temporal server of somebody else: a part of a cluster, kept running by this process. */
import { setTimeout as pause } from 'node:timers/promises';
import { problem } from '../../config/problems.js';
import { type NamedServer, namedServer } from '../../connection/namedServer.js';
import { kindsWithPython, type WorkerKind } from '../../workers/kinds.js';
import { runsFolder } from '../paths.js';
import { ensurePythonEnvironment } from '../setup/pythonEnvironment.js';
import { type Shell, talkWithTime } from '../shell.js';
import { KeptChild } from './child.js';
import { connectExternal, registerSearchAttributes } from './external.js';
import { Interrupted, listenForEnd, untilQuit } from './foreground.js';
import { startHealthServer } from './health.js';
import { endRunProcesses, workerProgram } from './parts.js';
import { unlessAborted } from './start.js';
import { workerPlan } from './workerPlan.js';

export interface WorkersWish {
  kinds: readonly WorkerKind[];
  /** Of the workflows: takes only the runs of that build. */
  buildId?: string | undefined;
  healthPort?: number | undefined;
  /** At the end trainers write a checkpoint and end, and model servers with them; else they go on. */
  endTrainings: boolean;
  /** How long the server may take to answer: in a cluster it may be starting too. */
  patienceSeconds: number;
}

/**
 * Keeps them until a signal comes; then they drain. Throws EngineUnavailable where no server is named, it does not answer,
 * or a worker never gets ready.
 */
export async function keepWorkers(shell: Shell, wish: WorkersWish, up: (server: NamedServer) => void) {
  const say = talkWithTime(shell);
  const server = namedServer(shell.env);
  if (server === null) throw noServer();
  const env = await environment(shell, wish.kinds, say);
  await prepareServer(server, wish.patienceSeconds, say);
  const { quit, hurry, stopListening } = listenForEnd();
  const children = wish.kinds.map((kind, place) => {
    const program = workerProgram(kind, env, { place, buildId: wish.buildId });
    const plan = workerPlan(kind, program, { root: shell.root, server: { ...server, external: true } });
    return new KeptChild(plan, { logFolder: null, say });
  });
  const standing = () => Object.fromEntries(children.map((child) => [child.name, child.isUp]));
  let health: { close(): Promise<void> } | null = null;
  try {
    if (wish.healthPort !== undefined) health = await startHealthServer(wish.healthPort, standing);
    await unlessAborted(quit, async () => {
      await Promise.all(children.map(({ ready }) => ready));
    });
    up(server);
    await untilQuit(quit);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    say(`Draining ${wish.kinds.join(', ')}${wish.endTrainings ? '; a training that runs writes a checkpoint' : ''}.`);
    await Promise.all(children.map((child) => child.stop(hurry)));
    const ended = wish.endTrainings ? await endRunProcesses(runsFolder(shell.root), hurry) : [];
    for (const line of ended) say(`ended ${line}`);
    await health?.close();
    stopListening();
  }
}

async function environment({ env }: Shell, kinds: readonly WorkerKind[], say: (line: string) => void) {
  if (!kinds.some((kind) => kindsWithPython.has(kind))) return env;
  const { python } = await ensurePythonEnvironment(say);
  return { ...env, ANNEAL_PYTHON: python };
}

async function prepareServer(server: NamedServer, patienceSeconds: number, say: (line: string) => void) {
  const connection = await connectPatiently(server, patienceSeconds, say);
  try {
    await registerSearchAttributes(connection, server, say);
  } finally {
    await connection.close();
  }
}

async function connectPatiently(server: NamedServer, patienceSeconds: number, say: (line: string) => void) {
  const deadline = Date.now() + patienceSeconds * 1000;
  for (;;) {
    try {
      return await connectExternal(server);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      say(`The Temporal server at ${server.address} can't be used yet; tried again for ${patienceSeconds} s.`);
      await pause(2000);
    }
  }
}

function noServer(): Error {
  return problem('EngineUnavailable', {
    what: 'No Temporal server is named for these workers.',
    where: 'TEMPORAL_ADDRESS and temporal.toml',
    todo: 'Set TEMPORAL_ADDRESS=host:port, or use `anneal dev`, which brings a server and all workers.',
  });
}
