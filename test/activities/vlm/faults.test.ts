import { readFileSync } from 'node:fs';
import { openChat } from '../../../activities/vlm/chat.js';
import { classifyFault, type Judgement } from '../../../activities/vlm/faults.js';
import { endpointOf } from './builders.js';
import { type Reply, StandIn } from './standIn.js';

interface ScriptRow {
  n: number;
  status: number | 'cut' | 'slow-65s';
  headers: Record<string, string>;
  body: unknown;
  act: string;
}

const script: ScriptRow[] = readFileSync('test/fixtures/cases/33-endpoint-scripts/script.jsonl', 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

let next: Reply;
const server = new StandIn(() => next);
let baseUrl: string;
beforeAll(async () => {
  baseUrl = await server.start();
});
afterAll(() => server.stop());

/** The reply goes over a real socket and through the real client. */
async function judge(reply: Reply): Promise<Judgement> {
  next = reply;
  const chat = openChat(endpointOf(baseUrl), { environment: () => undefined, replySeconds: 0.4 });
  const messages = [{ role: 'user' as const, content: 'hello' }];
  const decoding = { temperature: 0, maximumTokens: 8 };
  return classifyFault(await chat.complete(messages, decoding, new AbortController().signal), Date.now());
}

describe('classifyFault on case 33', () => {
  it.each(script)('line $n, status $status: $act', async ({ status, headers, body, act }) => {
    const sent = status === 'slow-65s' ? ('hang' as const) : status;
    expect(await judge({ status: sent, headers, body })).toMatchObject({ act });
  });

  it.each(script.filter(({ status }) => typeof status === 'number' && status >= 400))(
    'line $n is judged the same where the server sends bare text',
    async ({ status, headers, body, act }) => {
      expect(await judge({ status: status as number, headers, body, raw: true })).toMatchObject({ act });
    },
  );
});

describe('classifyFault', () => {
  it.each([
    ['vLLM’s limit', 400, 'At most 1 image(s) may be provided in one request.', 'stop-all', 'tooManyImages'],
    ['a pinned model', 400, "Server is pinned to 'a'; requested 'b'.", 'stop-all', 'unknownModel'],
    ['Gemini’s wrong key', 400, 'API key not valid. Please pass a valid API key.', 'stop-all', 'wrongKey'],
    ['a text model', 400, 'This model does not support image input', 'stop-all', 'noImages'],
    ['a long record', 400, "This model's maximum context length is 4096 tokens", 'skip-record', 'tooLong'],
    ['another 400', 400, 'cannot identify image file', 'skip-record', 'invalidRequest'],
    ['an unknown field', 422, 'Unexpected fields in the request', 'skip-record', 'invalidRequest'],
    ['an empty account', 402, 'Payment required', 'stop-all', 'quotaUsedUp'],
    ['a gateway’s time-out', 504, 'gateway', 'retry', 'status504'],
  ])('judges %s', async (_name, status, body, act, reason) => {
    expect(await judge({ status, body })).toMatchObject({ act, reason });
  });

  it('keeps the words of servers that don’t send OpenAI’s error object', async () => {
    const judged = await judge({ status: 400, body: '{"detail":"Server is pinned to \'a\'"}', raw: true });
    expect(judged.words).toContain("Server is pinned to 'a'");
  });

  it('names the time-out rule for a reply that comes too late', async () => {
    for (const status of ['hang', 'hangInBody'] as const)
      expect(await judge({ status })).toMatchObject({ act: 'retry', reason: 'timeout', slower: true });
  });

  it('retries a page of HTML with status 200', () => {
    expect(classifyFault({ body: '<html>' }, 0)).toMatchObject({ act: 'retry', reason: 'notCompletion' });
  });

  it('says who refused the connection', async () => {
    const chat = openChat(endpointOf('http://127.0.0.1:9/v1'), { environment: () => undefined, replySeconds: 1 });
    const reply = await chat.complete([], { temperature: 0, maximumTokens: 1 }, new AbortController().signal);
    const judged = classifyFault(reply, 0);
    expect(judged).toMatchObject({ act: 'retry', reason: 'connection' });
    expect(judged.words).toMatch(/ECONNREFUSED|bad port/);
  });
});
