/** A receiver of webhooks on this machine, which answers by script and keeps what it was sent. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: http.IncomingHttpHeaders;
  body: string;
  path: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  stop(): Promise<void>;
}

/** `answer` gives the status and headers of the n-th call, from 0. */
export async function startReceiver(
  answer: (call: number) => { status: number; headers?: Record<string, string> },
): Promise<Receiver> {
  const received: Received[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    received.push({ headers: request.headers, body, path: request.url ?? '' });
    const { status, headers } = answer(received.length - 1);
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
