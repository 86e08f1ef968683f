/** A hub on the loopback: the listing and the resolve route, with redirects to a second server, ranges and faults. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  host: 'hub' | 'store';
  url: string;
  range: string | undefined;
  authorization: string | undefined;
}

export interface Script {
  /** Content by path. */
  files: Record<string, Buffer>;
  commit?: string | null;
  token?: string;
  pageSize?: number;
  /** Break the reply off after so many bytes, so many times for each file. */
  breaks?: { after: number; times: number };
  /** The store answers with this status, so many times. */
  fails?: { status: number; times: number };
  ignoresRanges?: boolean;
  /** Serve other bytes than the listing says. */
  spoils?: boolean;
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitBlob = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
/** Large files are told by their name here. */
const isLarge = (path: string) => !/\.(md|json)$/.test(path);

export class StandInHub {
  readonly asked: Asked[] = [];
  readonly script: Script;
  private readonly servers: Server[] = [];
  private readonly broken = new Map<string, number>();
  private failed = 0;
  private store = '';

  constructor(script: Script) {
    this.script = script;
  }

  async start(): Promise<string> {
    this.store = await this.listen('store', (request, response) => this.serve(request, response));
    return this.listen('hub', (request, response) => this.answer(request, response));
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Requests to the store that brought a file's bytes. */
  fetched(path: string): number {
    return this.asked.filter(({ host, url }) => host === 'store' && url === `/${path}`).length;
  }

  private async listen(host: Asked['host'], reply: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = createServer((request, response) => {
      const { url = '', headers } = request;
      this.asked.push({ host, url, range: headers.range, authorization: headers.authorization });
      reply(request, response);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // Two names of one address: a redirect to the store leaves the hub's origin.
    return `http://${host === 'hub' ? '127.0.0.1' : 'localhost'}:${(server.address() as AddressInfo).port}`;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { token, commit = 'c'.repeat(40) } = this.script;
    if (token && request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    const url = new URL(request.url ?? '', 'http://hub');
    const tree = /^\/api\/datasets\/owner\/name\/tree\/(\w+)$/.exec(url.pathname);
    if (tree) return void this.list(url, response);
    const path = /^\/datasets\/owner\/name\/resolve\/\w+\/(.+)$/.exec(decodeURIComponent(url.pathname))?.[1] ?? '';
    if (!this.script.files[path]) return void response.writeHead(404).end();
    response
      .writeHead(302, { location: `${this.store}/${path}`, ...(commit ? { 'x-repo-commit': commit } : {}) })
      .end();
  }

  private list(url: URL, response: ServerResponse): void {
    const entries = Object.entries(this.script.files).map(([path, bytes]) =>
      isLarge(path)
        ? {
            type: 'file',
            path,
            size: bytes.length,
            oid: '0'.repeat(40),
            lfs: { oid: sha256(bytes), size: bytes.length },
          }
        : { type: 'file', path, size: bytes.length, oid: gitBlob(bytes) },
    );
    const all = [{ type: 'directory', path: 'data', size: 0, oid: 'd' }, ...entries];
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const { pageSize = all.length } = this.script;
    const more = from + pageSize < all.length;
    const link = `<http://elsewhere.invalid${url.pathname}?recursive=true&cursor=${from + pageSize}>; rel="next"`;
    response.writeHead(200, { 'content-type': 'application/json', ...(more ? { link } : {}) });
    response.end(JSON.stringify(all.slice(from, from + pageSize)));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent((request.url ?? '').slice(1));
    const { breaks, fails, ignoresRanges, spoils } = this.script;
    if (fails && this.failed++ < fails.times) return void response.writeHead(fails.status).end('fault');
    const whole = this.script.files[path] ?? Buffer.alloc(0);
    const bytes = spoils ? Buffer.from(whole.map((byte) => byte ^ 1)) : whole;
    const from = ignoresRanges ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = bytes.subarray(from);
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length, ...(from > 0 ? range : {}) });
    const count = this.broken.get(path) ?? 0;
    if (!breaks || count >= breaks.times || rest.length <= breaks.after) return void response.end(rest);
    this.broken.set(path, count + 1);
    response.write(rest.subarray(0, breaks.after), () => setTimeout(() => response.destroy(), 20));
  }
}
