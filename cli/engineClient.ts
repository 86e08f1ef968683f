/** The way from a command to the Temporal server: the engine of this folder, or the one that TEMPORAL_ADDRESS names. */
import { Client, Connection } from '@temporalio/client';
import { problem } from '../config/problems.js';
import { openTracing } from '../workers/telemetry/traces.js';
import { type EngineFacts, engineStanding } from './dev/engineFile.js';
import { connectExternal } from './dev/external.js';
import { untilReady } from './dev/ready.js';
import { externalServer } from './dev/server.js';
import type { Shell } from './shell.js';

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
export async function reachEngine({ root, env }: Pick<Shell, 'root' | 'env'>): Promise<Reached> {
  const external = externalServer(env);
  if (external !== null) {
    const standing = await engineStanding(root);
    const reports = standing.kind === 'ready' ? standing.facts.reports : null;
    return reached(await connectExternal(external), { ...external, ui: null, reports }, env);
  }
  const facts = await untilReady(root);
  if (facts !== null) return reachEngineAt(facts, env);
  throw problem('EngineUnavailable', {
    what: 'No engine runs for this folder.',
    where: root,
    todo: 'Start it in another terminal with `anneal dev`, or do both at once with `anneal start`.',
  });
}

/** Connects to an engine whose facts are known. */
export async function reachEngineAt(facts: EngineFacts, env: NodeJS.ProcessEnv): Promise<Reached> {
  const external = externalServer(env);
  const connection =
    external?.address === facts.address
      ? await connectExternal(external)
      : await Connection.connect({ address: facts.address, connectTimeout: '10s' });
  return reached(connection, facts, env);
}

type Where = Omit<Reached, 'client' | 'close'>;

async function reached(
  connection: Connection,
  { address, namespace, ui, reports }: Where,
  env: NodeJS.ProcessEnv,
): Promise<Reached> {
  const tracing = await openTracing('anneal', env, (line) => process.stderr.write(`${line}\n`));
  const client = new Client({ connection, namespace, ...(tracing ? { plugins: [tracing.plugin] } : {}) });
  const close = async () => {
    await connection.close();
    await tracing?.flush();
  };
  return { client, address, namespace, ui, reports, close };
}

/** Does something with the server, and lets go of it. */
export async function withEngine<Result>(
  shell: Pick<Shell, 'root' | 'env'>,
  use: (reached: Reached) => Promise<Result>,
): Promise<Result> {
  const engine = await reachEngine(shell);
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}
