/** The way from a command to the Temporal server: the engine of this folder, or the one that TEMPORAL_ADDRESS names. */
import { Client, Connection } from '@temporalio/client';
import { problem } from '../config/problems.js';
import { dataConverterOf } from '../connection/converter.js';
import type { Keys } from '../connection/keys.js';
import { namedServer } from '../connection/namedServer.js';
import { openTracing } from '../workers/telemetry/traces.js';
import { type EngineFacts, engineStanding } from './dev/engineFile.js';
import { connectExternal } from './dev/external.js';
import { untilReady } from './dev/ready.js';
import { folderKeys, requireSameKeys } from './folderKeys.js';
import type { Shell } from './shell.js';

type Place = Pick<Shell, 'root' | 'env'>;

export interface Reached {
  client: Client;
  address: string;
  namespace: string;
  /** Temporal’s web page; null where a server of somebody else is used. */
  ui: string | null;
  reports: string | null;
  close(): Promise<void>;
}

/** Connects to the server that runs are on; waits for an engine that is starting. Throws EngineUnavailable, with what to do. */
export async function reachEngine(place: Place): Promise<Reached> {
  const { root, env } = place;
  const keys = folderKeys(place);
  const external = namedServer(env);
  if (external !== null) {
    const standing = await engineStanding(root);
    const reports = standing.kind === 'ready' ? standing.facts.reports : null;
    return reached({ keys, env }, await connectExternal(external), { ...external, ui: null, reports });
  }
  const facts = await untilReady(root);
  if (facts !== null) return reachEngineAt(facts, place);
  throw problem('EngineUnavailable', {
    what: 'No engine runs for this folder.',
    where: root,
    todo: 'Start it in another terminal with `anneal dev`, or do both at once with `anneal start`.',
  });
}

/** Connects to an engine whose facts are known. */
export async function reachEngineAt(facts: EngineFacts, place: Place): Promise<Reached> {
  const keys = folderKeys(place);
  requireSameKeys(keys, facts.keys, place.root);
  const external = namedServer(place.env);
  const connection =
    external?.address === facts.address
      ? await connectExternal(external)
      : await Connection.connect({ address: facts.address, connectTimeout: '10s' });
  return reached({ keys, env: place.env }, connection, facts);
}

type Where = Omit<Reached, 'client' | 'close'>;

async function reached(
  { keys, env }: { keys: Keys | null; env: NodeJS.ProcessEnv },
  connection: Connection,
  { address, namespace, ui, reports }: Where,
): Promise<Reached> {
  const tracing = await openTracing('anneal', env, (line) => process.stderr.write(`${line}\n`));
  const plugins = tracing ? [tracing.plugin] : [];
  const client = new Client({ connection, namespace, dataConverter: dataConverterOf(keys), plugins });
  const close = async () => {
    await connection.close();
    await tracing?.flush();
  };
  return { client, address, namespace, ui, reports, close };
}

/** Does something with the server, and lets go of it. */
export async function withEngine<Result>(place: Place, use: (reached: Reached) => Promise<Result>): Promise<Result> {
  const engine = await reachEngine(place);
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}
