/** An endpoint that speaks the OpenAI protocol over HTTP and answers by script: what no real server does on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Reply {
  /** `hang` never answers; `hangInBody` begins to, and never ends. */
  status: number | 'cut' | 'hang' | 'hangInBody';
  headers?: Record<string, string>;
  /** Text, or the body itself where it is an object. */
  body?: unknown;
  /** Send text as it is, not as OpenAI's error object or inside a completion. */
  raw?: boolean;
  /** Milliseconds until the reply. */
  after?: number;
}

export interface Call {
  /** The last text of the last message. */
  text: string;
  images: number;
  /** The first picture as it was sent, a data URI. */
  picture: string;
  body: Record<string, unknown>;
  headers: IncomingMessage['headers'];
  at: number;
}

interface ChatPart {
  type: string;
  text?: string;
  image_url?: { url: string };
}

export class StandIn {
  readonly calls: Call[] = [];
  /** Most calls in progress at the same time. */
  most = 0;
  private active = 0;
  private readonly sockets = new Set<Socket>();
  private readonly answer: (call: Call, active: number) => Reply;
  private readonly server = createServer((request, response) => void this.serve(request, response));

  constructor(answer: (call: Call, active: number) => Reply) {
    this.answer = answer;
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  /** Resolves with the base URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const call = this.note(JSON.parse(Buffer.concat(chunks).toString()), request);
    this.active += 1;
    this.most = Math.max(this.most, this.active);
    const reply = this.answer(call, this.active);
    await new Promise((resolve) => setTimeout(resolve, reply.after ?? 0).unref());
    this.active -= 1;
    send(response, reply);
  }

  private note(body: { messages: { content: string | ChatPart[] }[] }, request: IncomingMessage): Call {
    const content = body.messages.at(-1)?.content ?? [];
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const text = parts.findLast(({ type }) => type === 'text')?.text ?? '';
    const pictures = parts.flatMap(({ image_url: picture }) => (picture ? [picture.url] : []));
    const call = {
      text,
      images: pictures.length,
      picture: pictures[0] ?? '',
      body,
      headers: request.headers,
      at: Date.now(),
    };
    this.calls.push(call);
    return call;
  }
}

function send(response: ServerResponse, { status, headers = {}, body, raw = false }: Reply): void {
  if (status === 'hang') return;
  if (status === 'hangInBody') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"choices":[{"mess');
    return;
  }
  if (status === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
    response.write(String(body), () => response.destroy());
    return;
  }
  const asItIs = raw || 'content-type' in headers;
  const text = status >= 400 ? errorText(body, asItIs) : asItIs ? String(body) : JSON.stringify(completion(body));
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

function errorText(body: unknown, raw: boolean): string {
  return raw ? String(body) : JSON.stringify({ error: { message: body, type: 'error', code: null } });
}

/** The body of a 200: an object with `error` as it is, a string or message fields inside a completion. */
function completion(body: unknown): unknown {
  if (typeof body === 'object' && body !== null && 'error' in body) return body;
  const { finish_reason: finish = 'stop', ...message } =
    typeof body === 'string' ? { content: body } : (body as { finish_reason?: string });
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', ...message } }],
    usage: { prompt_tokens: 30, completion_tokens: 2, total_tokens: 32 },
  };
}

export const ok = (content: string): Reply => ({ status: 200, body: content });
