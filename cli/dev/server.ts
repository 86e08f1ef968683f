/** What the engine's workers are told of the Temporal server that it runs or uses. */
import path from 'node:path';

/**
 * What workers are told of the server, in place of the user's own TEMPORAL_… variables. Of an embedded server that is all:
 * a key or certificate in the user's temporal.toml is meant for another.
 */
export function serverEnvironment(
  env: NodeJS.ProcessEnv,
  { address, namespace }: { address: string; namespace: string },
  external: boolean,
): NodeJS.ProcessEnv {
  const server = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  if (external) return { ...env, ...server };
  const others = Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(others), ...server, TEMPORAL_CONFIG_FILE: path.resolve(noSuchFile) };
}

/** A file that isn't there is as good as an empty one; without the variable the user's would be read. */
const noSuchFile = '.anneal/no-temporal.toml';
