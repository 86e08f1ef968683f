/** A small HTTP server of our own, from the moment it listens until it is closed. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { problem } from '../../config/problems.js';

export interface Listening {
  url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

export interface ListenWish {
  /** What listens, for the error. */
  what: string;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** What a person can do where the port is taken, other than ending the program that has it. */
  todo: string;
}

/** Throws PortTaken. */
export async function listenHttp(answer: RequestListener, { what, host, port, todo }: ListenWish): Promise<Listening> {
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken({ what, host, port, todo }, error) : error),
    );
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function portTaken({ what, host, port, todo }: ListenWish, cause: Error): Error {
  return problem(
    'PortTaken',
    {
      what: `Another program listens on port ${port}.`,
      where: `${what}, ${host}:${port}`,
      todo: `End that program, or choose another port${todo}`,
    },
    { cause },
  );
}
