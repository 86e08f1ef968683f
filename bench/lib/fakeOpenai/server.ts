/**
 * A fake endpoint that speaks the OpenAI protocol, as a process of its own: `tsx server.ts '<FakeOptions>'`. Says its base
 * URL as a line of JSON, and at GET /counts what it was asked. A picture is paid for when its whole answer has left.
 */
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { captionOf, FakeOptions, type FaultKind, faultOf } from './script.js';

export interface FakeCounts {
  calls: number;
  pictures: number;
  /** Whole answers that left. */
  paid: number;
  /** Digests of pictures whose whole answer left more than once, with how often. */
  paidAgain: Record<string, number>;
  faults: Partial<Record<FaultKind, number>>;
}

const options = FakeOptions.parse(JSON.parse(process.argv[2] ?? '{}'));
const calls = new Map<string, number>();
const paid = new Map<string, number>();
let faults: FakeCounts['faults'] = {};

const server = createServer((request, response) => {
  if (request.url === '/counts') return void response.end(JSON.stringify(counts()));
  if (request.url === '/forget') return void response.end(String(forget()));
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => answer(Buffer.concat(chunks).toString('latin1'), request, response));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ baseUrl: `http://127.0.0.1:${port}/v1` })}\n`);
});
process.once('disconnect', () => process.exit(0));

function counts(): FakeCounts {
  const again = [...paid].filter(([, times]) => times > 1);
  const sum = [...calls.values()].reduce((total, count) => total + count, 0);
  const whole = [...paid.values()].reduce((total, count) => total + count, 0);
  return { calls: sum, pictures: calls.size, paid: whole, paidAgain: Object.fromEntries(again), faults };
}

function forget(): number {
  const known = calls.size;
  calls.clear();
  paid.clear();
  faults = {};
  return known;
}

function answer(body: string, request: IncomingMessage, response: ServerResponse): void {
  const start = body.indexOf(';base64,') + 8;
  const digest = hash('sha256', body.slice(start, body.indexOf('"', start)), 'hex');
  const call = (calls.get(digest) ?? 0) + 1;
  calls.set(digest, call);
  const kind = faultOf(digest, call, options.rules);
  if (kind) faults[kind] = (faults[kind] ?? 0) + 1;
  const wait = kind === 'late' ? options.lateMilliseconds : options.milliseconds;
  const reply = () => (kind && kind !== 'late' ? misbehave(kind, digest, response) : pay(digest, response));
  if (wait === 0) reply();
  else setTimeout(reply, wait);
  request.on('error', () => undefined);
}

function pay(digest: string, response: ServerResponse, message: object = {}, finish = 'stop'): void {
  const content = { role: 'assistant', content: captionOf(digest), ...message };
  const text = JSON.stringify({
    id: `chatcmpl-${digest.slice(0, 12)}`,
    object: 'chat.completion',
    created: 1,
    model: 'fake',
    choices: [{ index: 0, finish_reason: finish, message: content }],
    usage: { prompt_tokens: 300, completion_tokens: 60, total_tokens: 360 },
  });
  response.on('finish', () => paid.set(digest, (paid.get(digest) ?? 0) + 1));
  send(response, 200, text);
}

function send(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  const type = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(status, { ...type, ...headers });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  send(response, status, JSON.stringify({ error: { message, type: 'error', code: null } }), headers);
}

function misbehave(kind: Exclude<FaultKind, 'late'>, digest: string, response: ServerResponse): void {
  const replies: Record<typeof kind, () => void> = {
    slowDown: () => refuse(response, 429, 'slow down', { 'retry-after': '1', 'retry-after-ms': '100' }),
    slowDownBare: () => refuse(response, 429, 'quota per minute'),
    unavailable: () => send(response, 503, '<html>Service Unavailable</html>', { 'content-type': 'text/html' }),
    error: () => refuse(response, 500, 'oops'),
    cut: () => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"choices":[{"mess', () => response.destroy());
    },
    notJson: () => send(response, 200, '{"choices": [{"message": {'),
    errorInside: () => send(response, 200, JSON.stringify({ error: { code: 502, message: 'upstream' } })),
    refusal: () => pay(digest, response, { content: null, refusal: 'cannot help' }),
    filtered: () => pay(digest, response, { content: '' }, 'content_filter'),
    length: () => pay(digest, response, {}, 'length'),
    empty: () => pay(digest, response, { content: '' }),
    policy: () => refuse(response, 400, 'content_policy_violation'),
    tooLarge: () => refuse(response, 413, 'request too large'),
  };
  replies[kind]();
}
