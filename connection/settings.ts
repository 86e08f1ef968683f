/** All that a client or worker needs to reach Temporal, from the environment. */
import type { DataConverter } from '@temporalio/common';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { dataConverterOf } from './converter.js';
import { keysFrom } from './keys.js';
import { defaultNamespace, namedServer } from './namedServer.js';

export interface TemporalSettings {
  /** Address, TLS, API key and headers, for `Connection.connect` and `NativeConnection.connect`. */
  connectionOptions: ClientConnectConfig['connectionOptions'];
  namespace: string;
  /** Encrypts where the environment has keys. */
  dataConverter: DataConverter;
}

/**
 * Reads TEMPORAL_… and temporal.toml as Temporal's own tools do, and ANNEAL_ENCRYPTION_KEYS or ANNEAL_ENCRYPTION_KEY_FILE.
 * Where no address is given it is `localhost:7233`. Throws ProblemError of the type InvalidInput where a setting, a
 * certificate or a key can't be read.
 */
export function temporalSettings(env: NodeJS.ProcessEnv = process.env): TemporalSettings {
  const server = namedServer(env);
  return {
    connectionOptions: server?.connection ?? {},
    namespace: server?.namespace ?? (env['TEMPORAL_NAMESPACE'] || defaultNamespace),
    dataConverter: dataConverterOf(keysFrom(env)),
  };
}
