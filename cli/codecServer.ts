/**
 * Encrypts and decrypts for Temporal's web page and the `temporal` command: POST /encode and /decode of Temporal's codec
 * protocol, payloads as JSON in and out. Writes nothing and logs nothing of what passes.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { type Listening, listenHttp } from '../activities/web/listening.js';

export interface CodecServerOptions {
  codec: PayloadCodec;
  /** 0 takes any free one. */
  port: number;
  host: string;
  /** Of the web pages that may ask, such as `http://127.0.0.1:8233`; any other page is refused. */
  origins: readonly string[];
  /** Where given, who asks must send it as `Authorization: Bearer …`. */
  token?: string | undefined;
}

/** A page of history has some MB at most: Temporal's own limit is 4 MiB a message, base64 makes a third more of it. */
const maximumBytes = 16 * 1024 * 1024;

const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const Payloads = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), base64).default({}), data: base64.optional() })),
});

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Throws PortTaken. */
export function startCodecServer({ port, host, ...options }: CodecServerOptions): Promise<Listening> {
  return listenHttp((request, response) => void respond(request, response, options), {
    what: 'the codec server',
    host,
    port,
    todo: ': --port <port>.',
  });
}

type Rules = Pick<CodecServerOptions, 'codec' | 'origins' | 'token'>;

async function respond(request: IncomingMessage, response: ServerResponse, rules: Rules): Promise<void> {
  const { origin } = request.headers;
  const headers = origin !== undefined && rules.origins.includes(origin) ? openTo(origin) : {};
  try {
    if (origin !== undefined && !rules.origins.includes(origin))
      throw new Refusal(403, `Pages of ${origin} may not ask; those of ${rules.origins.join(', ')} may.`);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, headers).end();
      return;
    }
    const body = JSON.stringify(await answerTo(request, rules));
    response.writeHead(200, { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 400;
    response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
    response.end((error as Error).message);
  }
}

/** The page sends credentials where a person asks for it in its settings. */
function openTo(origin: string): Record<string, string> {
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'Authorization, Authorization-Extras, Content-Type, X-Namespace',
  };
}

async function answerTo(request: IncomingMessage, { codec, token }: Rules): Promise<unknown> {
  const { url = '', method, headers } = request;
  const work = { '/encode': codec.encode, '/decode': codec.decode }[url.replace(/[?#].*$/, '')];
  if (!work) throw new Refusal(404, 'There are /encode and /decode.');
  if (method !== 'POST') throw new Refusal(405, 'Send the payloads by POST.');
  if (!isAllowed(headers.authorization, token)) throw new Refusal(401, 'Send the token: Authorization: Bearer …');
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    throw new Refusal(415, 'Send JSON: Content-Type: application/json.');
  const payloads = await work.call(codec, readPayloads(await bodyOf(request)));
  return { payloads: payloads.map(written) };
}

/** Compared by digests, which are of one length, in a time that tells nothing. */
function isAllowed(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw new Refusal(413, `At most ${maximumBytes} bytes a request.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readPayloads(body: string): Payload[] {
  const parsed = Payloads.safeParse(jsonOf(body));
  if (!parsed.success) throw new Refusal(400, z.prettifyError(parsed.error));
  return parsed.data.payloads as Payload[];
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal(400, 'The body is not JSON.');
  }
}

function written({ metadata, data }: Payload): unknown {
  const base64Of = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  const fields = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, base64Of(bytes)]);
  return { metadata: Object.fromEntries(fields), data: base64Of(data) };
}
