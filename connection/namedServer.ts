/** Which Temporal server the environment or temporal.toml names, and how to get into it. */
import {
  type ClientConfigProfile,
  type ClientConnectConfig,
  loadClientConfigProfile,
  toClientOptions,
} from '@temporalio/envconfig';
import { problem } from '../config/problems.js';

export const defaultNamespace = 'default';

export interface NamedServer {
  address: string;
  namespace: string;
  /** Where its address was found, for error messages. */
  from: string;
  /** TLS, API key and headers, for `Connection.connect` and `NativeConnection.connect`. */
  connection: ClientConnectConfig['connectionOptions'];
}

/**
 * The server named by TEMPORAL_ADDRESS or by a profile of temporal.toml (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE), with
 * its certificates (TEMPORAL_TLS_…) or key (TEMPORAL_API_KEY), as Temporal's own tools read them; null when neither names
 * an address. Throws InvalidInput where the settings or the files that they name can't be read.
 */
export function namedServer(env: NodeJS.ProcessEnv): NamedServer | null {
  const given = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])));
  const profile = readable(given, () => loadClientConfigProfile({ overrideEnvVars: given }));
  if (profile.address === undefined) return null;
  requirePair(profile, given);
  const { connectionOptions, namespace } = readable(given, () => toClientOptions(profile));
  return {
    address: profile.address,
    namespace: namespace ?? defaultNamespace,
    from: given['TEMPORAL_ADDRESS'] ? 'TEMPORAL_ADDRESS' : profileOf(given),
    connection: connectionOptions,
  };
}

function profileOf(env: Record<string, string>): string {
  return `profile ${env['TEMPORAL_PROFILE'] ?? 'default'} of temporal.toml`;
}

/** The SDK would leave out the one that is given, and the server would turn us away without a word of it. */
function requirePair({ tls }: ClientConfigProfile, env: Record<string, string>): void {
  if (!tls || Boolean(tls.clientCert) === Boolean(tls.clientKey)) return;
  const [given, missing] = tls.clientCert ? ['certificate', 'key'] : ['key', 'certificate'];
  throw problem('InvalidInput', {
    what: `A client ${given} is given for the Temporal server, but no client ${missing}.`,
    where: `TEMPORAL_TLS_… or ${profileOf(env)}`,
    todo: `Name both: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or client_cert_path and client_key_path below [profile.….tls].`,
  });
}

function readable<Read>(env: Record<string, string>, read: () => Read): Read {
  try {
    return read();
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
