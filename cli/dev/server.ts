/** Which Temporal server to use: the one that the environment or temporal.toml names, or an embedded one. */
import path from 'node:path';
import { type ClientConnectConfig, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { problem } from '../../config/problems.js';

export const defaultNamespace = 'default';

export interface ExternalServer {
  address: string;
  namespace: string;
  /** Where its address was found, for error messages. */
  from: string;
  /** TLS, API key and headers, for `Connection.connect`. */
  connection: ClientConnectConfig['connectionOptions'];
}

/**
 * The server named by TEMPORAL_ADDRESS or by a profile of temporal.toml (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE), as
 * Temporal's own tools read them; null when neither names an address, which means the embedded server.
 */
export function externalServer(env: NodeJS.ProcessEnv): ExternalServer | null {
  const given = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])));
  const profile = readProfile(given);
  if (profile.address === undefined) return null;
  const { connectionOptions, namespace } = toClientOptions(profile);
  return {
    address: profile.address,
    namespace: namespace ?? defaultNamespace,
    from: given['TEMPORAL_ADDRESS']
      ? 'TEMPORAL_ADDRESS'
      : `profile ${given['TEMPORAL_PROFILE'] ?? 'default'} of temporal.toml`,
    connection: connectionOptions,
  };
}

function readProfile(env: Record<string, string>) {
  try {
    return loadClientConfigProfile({ overrideEnvVars: env });
  } catch (error) {
    throw problem(
      'InvalidInput',
      {
        what: `Temporal's settings can't be read: ${(error as Error).message}`,
        where: env['TEMPORAL_CONFIG_FILE'] ?? 'temporal.toml and the variables TEMPORAL_…',
        todo: 'Correct the file (it needs a table such as [profile.default]) or the variable; with neither, the embedded server is used.',
      },
      { cause: error },
    );
  }
}

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
