/** A Temporal server of somebody else: can it be reached, and has it what runs need. Nothing of it is changed but search attributes. */
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { problem } from '../../config/problems.js';
import { searchAttributes } from '../../config/queues.js';
import type { NamedServer } from '../../connection/namedServer.js';

/** IndexedValueType.KEYWORD of Temporal's API. */
const keyword = 2;
/** gRPC status codes: NOT_FOUND, ALREADY_EXISTS. */
const [notFound, alreadyExists] = [5, 6];

/** Connects to the server and its namespace. Throws EngineUnavailable with the address and what to do. */
export async function connectExternal(server: NamedServer): Promise<Connection> {
  const connection = Connection.lazy({ ...server.connection, connectTimeout: '5s' });
  try {
    await connection.ensureConnected();
    await connection.workflowService.describeNamespace({ namespace: server.namespace });
    return connection;
  } catch (error) {
    await connection.close();
    throw unusable(server, error);
  }
}

function unusable({ address, namespace, from }: NamedServer, error: unknown): Error {
  const hasNoNamespace = isGrpcServiceError(error) && error.code === notFound;
  if (hasNoNamespace) {
    return problem(
      'EngineUnavailable',
      {
        what: `The Temporal server has no namespace "${namespace}".`,
        where: `${address} (from ${from})`,
        todo: `Make it: temporal operator namespace create -n ${namespace} --retention 30d --address ${address}`,
      },
      { cause: error },
    );
  }
  return problem(
    'EngineUnavailable',
    {
      what: `The Temporal server does not answer: ${withCause(error as Error)}`,
      where: `${address} (from ${from})`,
      todo: 'Start that server or correct its address, its certificates or its key; without TEMPORAL_ADDRESS and a profile `anneal dev` brings its own.',
    },
    { cause: error },
  );
}

/** The client says that it failed, and only its cause says why: a certificate, a key, a port. */
function withCause({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

/** Registers our search attributes where they are missing; a server that refuses is used without them. */
export async function registerSearchAttributes(
  connection: Connection,
  { namespace, address }: NamedServer,
  say: (line: string) => void,
): Promise<void> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.values(searchAttributes).filter((name) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === alreadyExists) return;
    const names = Object.values(searchAttributes).map((name) => `--name ${name} --type Keyword`);
    say(
      `The search attributes could not be registered (${(error as Error).message}); runs work without them. By hand: ` +
        `temporal operator search-attribute create ${names.join(' ')} -n ${namespace} --address ${address}`,
    );
  }
}
