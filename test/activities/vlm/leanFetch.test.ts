import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { leanFetch } from '../../../activities/vlm/leanFetch.js';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

describe('leanFetch', () => {
  let server: Server;
  let base: string;
  let answer: Answer = () => undefined;

  beforeAll(async () => {
    server = createServer(async (request, response) => answer(request, response, await text(request)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** The same call by both, as far as a client looks at it. */
  async function both(init: RequestInit = { method: 'POST', body: 'Grüße', headers: { 'x-own': 'one' } }) {
    const read = async (response: Response) => ({
      status: response.status,
      ok: response.ok,
      type: response.headers.get('content-type'),
      cookies: response.headers.getSetCookie(),
      body: await response.text(),
    });
    const [lean, usual] = await Promise.all([leanFetch(`${base}/v1`, init), fetch(`${base}/v1`, init)]);
    return [await read(lean), await read(usual)] as const;
  }

  it.each<[string, Answer]>([
    ['a text', (_, response, body) => response.end(`you said ${body}`)],
    ['headers', ({ headers }, response) => response.setHeader('content-type', 'x/y').end(headers['x-own'])],
    ['repeated headers', (_, response) => response.setHeader('set-cookie', ['a=1', 'b=2']).end()],
    ['a status', (_, response) => response.writeHead(429).end('slow down')],
    ['no body', (_, response) => response.writeHead(204).end()],
    ['a body in gzip', (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('zipped'))],
    [
      'a redirect, the body sent again',
      ({ url }, response, body) =>
        url === '/v1' ? response.writeHead(307, { location: '/v2' }).end() : response.end(`${url} ${body}`),
    ],
    ['a redirect to nowhere', (_, response) => response.writeHead(304).end()],
  ])('gives what fetch gives: %s', async (_, replies) => {
    answer = replies;
    const [lean, usual] = await both();
    expect(lean).toEqual(usual);
  });

  it('rejects with the reason of its signal, whenever it is aborted', async () => {
    const stop = new AbortController();
    answer = (_, response) => {
      response.write('half');
      setTimeout(() => stop.abort(new Error('enough')), 20);
    };
    await expect(leanFetch(base, { signal: stop.signal })).rejects.toThrow('enough');
    await expect(leanFetch(base, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('rejects where the connection ends in the middle of the body', async () => {
    answer = (_, response) => {
      response.setHeader('content-length', '100');
      response.write('half', () => response.destroy());
    };
    await expect(leanFetch(base)).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
  });
});
