/** The embedded Temporal server as a child process, and what any server must have before runs can start. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { identityOf, type ProcessIdentity } from '../../activities/processes/identity.js';
import { searchAttributes } from '../../config/queues.js';
import { keyVariables } from '../../connection/keys.js';
import { defaultNamespace } from '../../connection/namedServer.js';
import type { ChildPlan } from './child.js';
import { databaseFile } from './database.js';
import { seeGone } from './leftovers.js';
import { loopback } from './ports.js';

const leash = fileURLToPath(new URL('./leash.mjs', import.meta.url));

/** Closed runs stay in the database so long; the server's own default of 24 hours loses a weekend. */
const retention = '30 days';

/** The server answers after 0.3 s on a quiet machine; a busy one may need this long. */
const embeddedStartSeconds = 60;

export interface EmbeddedServer {
  temporal: string;
  root: string;
  port: number;
  uiPort: number;
  httpPort: number | undefined;
  /** Address of the codec server that the web page is told of; null where nothing is encrypted. */
  codec: string | null;
  /** Called with the pid of the server itself, which is the leash's child. */
  started: (name: string, pid: number) => void;
}

export function embeddedServerPlan({ temporal, root, started, ...places }: EmbeddedServer): ChildPlan {
  let server: ProcessIdentity | null = null;
  return {
    name: 'temporal',
    command: process.execPath,
    args: [leash, temporal, ...serverArguments(databaseFile(root), places)],
    env: withoutKeys(process.env),
    cwd: root,
    graceSeconds: 10,
    /** A server whose leash was killed lives on, with the port and the database. */
    async clear() {
      if (server !== null) await seeGone([server], 0);
    },
    async becomesReady(child: ChildProcess) {
      child.on('message', async ({ pid }: { pid: number }) => {
        server = await identityOf(pid);
        started('temporal-server', pid);
      });
      const connection = await connectPatiently(`${loopback}:${places.port}`, child);
      try {
        const config = { workflowExecutionRetentionTtl: msToTs(retention) };
        await connection.workflowService.updateNamespace({ namespace: defaultNamespace, config });
      } finally {
        await connection.close();
      }
    },
  };
}

/** The server stores what the keys hide: it must not have them. */
function withoutKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, [keyVariables.lines]: undefined, [keyVariables.file]: undefined };
}

type ServerPlaces = Pick<EmbeddedServer, 'port' | 'uiPort' | 'httpPort' | 'codec'>;

function serverArguments(database: string, { port, uiPort, httpPort, codec }: ServerPlaces): string[] {
  return [
    ...['server', 'start-dev', '--ip', loopback, '--port', String(port), '--ui-port', String(uiPort)],
    ...(httpPort ? ['--http-port', String(httpPort)] : []),
    ...['--db-filename', database, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...Object.values(searchAttributes).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...(codec ? ['--ui-codec-endpoint', codec] : []),
    ...['--ui-disable-news-fetch', '--log-level', 'warn'],
  ];
}

/** Connects as soon as the started server and its namespace answer; gives up when its process ends or time is over. */
async function connectPatiently(address: string, child: ChildProcess): Promise<Connection> {
  const deadline = Date.now() + embeddedStartSeconds * 1000;
  for (;;) {
    const connection = await tryToConnect({ address }, '2s');
    if (connection instanceof Connection) return connection;
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) throw connection;
    await pause(100);
  }
}

async function tryToConnect(options: ConnectionOptions, patience: '2s' | '10s'): Promise<Connection | Error> {
  const connection = Connection.lazy({ ...options, connectTimeout: patience });
  try {
    await connection.ensureConnected();
    await connection.workflowService.describeNamespace({ namespace: defaultNamespace });
    return connection;
  } catch (error) {
    await connection.close();
    return error as Error;
  }
}
