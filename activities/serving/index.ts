/** The local adapter of the model server contract: serve(model) → endpoint, adopted by key, ended by key. */
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import type { Endpoint, ServeSpec } from '../../config/serving.js';
import { giveBackClaim, recordProcess, type Standing, standingOf, takeClaim } from '../processes/claims.js';
import { endProcess, logTail, spawnDetached } from '../processes/detached.js';
import { isLiving } from '../processes/identity.js';
import {
  type ActivityLife,
  type ActivityLog,
  beatAndWait,
  classifyInterruption,
  uninterrupted,
} from '../processes/life.js';
import { readAs } from '../processes/there.js';
import { toPath, writeJson } from '../storage/files.js';
import { linkSampled, sampledFolder } from './sampling.js';
import { baseUrlOf, freePort, isServing, serveCommand } from './server.js';

export interface ServingDeps extends ActivityLife {
  /** The interpreter of the environment that holds `transformers[serving]`. */
  python: string;
  log: ActivityLog;
  /** How long a server may take to load its model, in seconds; 600 when left out (tried: 10 s for the tiny one). */
  loadSeconds?: number;
}

export interface StartServingInput extends ServeSpec {
  /** URI of the folder that keeps the server's log and claims: one a key. */
  folder: string;
}

export interface StopServingInput {
  key: string;
  folder: string;
}

/** What is known of the server in a folder, for people and for adoption. */
const ServerFile = z.object({ model: z.string(), served: z.string().optional() });

/** Other programs open ports too; a third collision in a row is no accident. */
const portAttempts = 3;
/** Requests under way may end; a connection kept open must not hold the port longer, in seconds. */
const leavingSeconds = 10;

type Living = Extract<Standing, { kind: 'living' }>;

interface Server {
  key: string;
  /** Folder of the model. */
  model: string;
  /** The folder that is served in its place, which is its name in requests. */
  served: string;
  folder: string;
}

export function createServingActivities(deps: ServingDeps) {
  return {
    /** Starts the server or adopts the one of the same key; a dead one is replaced, then at another port. */
    startServing: (input: StartServingInput) => startServing(deps, input),
    /** Returns when the server is gone. One that does not run is fine. */
    stopServing: ({ folder }: StopServingInput) => stopServer(deps, toPath(folder)),
  };
}
export type ServingActivities = ReturnType<typeof createServingActivities>;

/** Throws `PlanRefused` when a server of this key serves another model, `ServingFailed` when it ends or never answers. */
async function startServing(deps: ServingDeps, input: StartServingInput): Promise<Endpoint> {
  const [model, folder] = [toPath(input.model), toPath(input.folder)];
  const server: Server = { key: input.key, model, served: await sampledFolder(model, folder), folder };
  try {
    return await startOrAdopt(deps, server);
  } catch (error) {
    if (deps.cancelled().aborted && classifyInterruption(deps.cancellationDetails()) === 'stop') {
      await stopServer(uninterrupted(deps), server.folder);
    }
    throw error;
  }
}

async function startOrAdopt(deps: ServingDeps, server: Server): Promise<Endpoint> {
  const ours: number[] = [];
  for (;;) {
    const standing = await standingOf(server.folder);
    if (standing.kind === 'claimed') {
      await beatAndWait(deps, 50, { stage: 'serving' });
    } else if (standing.kind === 'living') {
      const found = { ...server, served: await servedBy(server) };
      if (await untilServing(deps, found, standing)) return endpointOf(found, standing);
    } else {
      await refuseDead(server, ours);
      if (await spawnServer(deps, server, standing.next)) ours.push(standing.next);
    }
  }
}

function endpointOf({ key, served }: Server, { port }: Living): Endpoint {
  return { baseUrl: baseUrlOf(port ?? 0), model: served, apiKeyVariable: null, server: key };
}

/** False when somebody else was quicker. */
async function spawnServer(deps: ServingDeps, server: Server, attempt: number): Promise<boolean> {
  const { folder, key, model, served } = server;
  const port = await freePort();
  const claim = await takeClaim(folder, attempt, port);
  if (claim === null) return false;
  try {
    await linkSampled(model, served);
    const command = serveCommand(deps.python, served, { port, log: logOf(server, attempt) });
    const { process } = await spawnDetached(command, async (identity) => {
      await writeJson(serverFile(server), { key, model, served, port, attempt, ...identity });
      await recordProcess(folder, claim, identity);
    });
    deps.log.info('Model server started.', { key, port, pid: process.pid });
    return true;
  } catch (error) {
    await giveBackClaim(folder, claim);
    throw error;
  }
}

/** True as soon as the server offers the model; false when its process is gone. */
async function untilServing(deps: ServingDeps, server: Server, { process, port, attempt }: Living): Promise<boolean> {
  const patienceSeconds = deps.loadSeconds ?? 600;
  const until = performance.now() + patienceSeconds * 1000;
  while (await isLiving(process)) {
    if (port !== null && (await isServing(port, server.served))) return true;
    if (performance.now() > until) {
      await endProcess(process, { life: deps, patienceSeconds: leavingSeconds });
      throw await servingFailed(server, attempt, `did not offer its model within ${patienceSeconds} s`);
    }
    await beatAndWait(deps, 200, { stage: 'serving', pid: process.pid });
  }
  return false;
}

/** Under which name a server that runs has the model; servers of before had its own. Throws `PlanRefused` where it serves another. */
async function servedBy(server: Server): Promise<string> {
  const found = await readAs(ServerFile, serverFile(server));
  const model = found?.model ?? 'nothing that is written down';
  if (model === server.model) return found?.served ?? model;
  throw problem('PlanRefused', {
    what: `The server of the key "${server.key}" serves ${model}; ${server.model} was asked for.`,
    where: serverFile(server),
    todo: 'Give the new server a key and a folder of its own, or stop the one that runs.',
  });
}

/** Throws when the server that we started is gone again, unless its port was taken meanwhile. */
async function refuseDead(server: Server, ours: number[]): Promise<void> {
  const last = ours.at(-1);
  if (last === undefined) return;
  const portTaken = /address already in use/i.test(await logTail(logOf(server, last)));
  if (!portTaken || ours.length >= portAttempts)
    throw await servingFailed(server, last, 'ended before it offered its model');
}

async function servingFailed(server: Server, attempt: number, how: string): Promise<Error> {
  return problem('ServingFailed', {
    what: `The model server ${how}: ${await logTail(logOf(server, attempt), 1200)}`,
    where: logOf(server, attempt),
    todo: `Check that ${server.model} is a whole model, and that there is memory for it.`,
  });
}

async function stopServer(life: ActivityLife, folder: string): Promise<void> {
  for (;;) {
    const standing = await standingOf(folder);
    if (standing.kind === 'free') return;
    if (standing.kind === 'claimed') await beatAndWait(life, 50, { stage: 'serving' });
    else await endProcess(standing.process, { life, patienceSeconds: leavingSeconds });
  }
}

function serverFile({ folder }: Server): string {
  return path.join(folder, 'server.json');
}

function logOf({ folder }: Server, attempt: number): string {
  return path.join(folder, `log-${attempt}.txt`);
}
