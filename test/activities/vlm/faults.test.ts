import { readFileSync } from 'node:fs';
import { openChat } from '../../../activities/vlm/chat.js';
import { classifyFault, type Judgement, readReply } from '../../../activities/vlm/faults.js';
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
  const chat = openChat(endpointOf(baseUrl), { environment: () => undefined, replySeconds: 1.5 });
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
    ['an overloaded server', 529, 'Overloaded', 'retry', 'status529'],
    ['a generation that failed', 424, 'Request failed during generation', 'retry', 'status424'],
    ['an account without credit', 400, 'Your credit balance is too low', 'stop-all', 'quotaUsedUp'],
    ['an account that is not active', 429, 'billing_not_active', 'stop-all', 'quotaUsedUp'],
    ['a used-up quota under 403', 403, 'AllocationQuota.FreeTierOnly', 'stop-all', 'quotaUsedUp'],
    ['a request above the pace', 429, 'Request too large for m: Limit 3, Requested 4', 'skip-record', 'tooLong'],
    ['moderation under 403', 403, 'Your input was flagged for "violence"', 'skip-record', 'contentPolicy'],
    ['a pace under 400', 400, 'ThrottlingException: slow', 'wait-and-retry', 'slowDown'],
    ['a place that is not served', 403, 'Country, region, or territory not supported', 'stop-all', 'forbidden'],
    ['a wall against programs', 403, '<html><title>Just a moment...</title></html>', 'stop-all', 'forbidden'],
    ['a gateway without eyes', 404, 'No endpoints found that support image input', 'stop-all', 'noImages'],
    ['any other 403', 403, 'Forbidden', 'stop-all', 'wrongKey'],
    ['a key that ran out', 400, 'API key expired. Please renew the API key.', 'stop-all', 'wrongKey'],
    ['a text model behind a 500', 500, 'image input is not supported - hint: mmproj', 'stop-all', 'noImages'],
    ['a server that only streams', 400, 'This model only support stream mode', 'stop-all', 'streamsOnly'],
    ['more tokens than a model gives', 400, 'max_tokens is too large: 40960', 'stop-all', 'unsupportedSetting'],
    ['llama.cpp’s long record', 400, 'exceeds the available context size', 'skip-record', 'tooLong'],
    ['a path that is not there', 404, 'Not Found', 'stop-all', 'notAnEndpoint'],
    ['a model that is not there', 404, 'The model `m` does not exist.', 'stop-all', 'unknownModel'],
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
    const closed = new StandIn(() => next);
    const address = await closed.start();
    await closed.stop();
    const judged = await judgeAt(address);
    expect(judged).toMatchObject({ act: 'retry', reason: 'connection' });
    expect(judged.words).toContain('ECONNREFUSED');
  });

  it.each([
    ['without a scheme', 'localhost:8000/v1', 'notAnEndpoint'],
    ['of another scheme', 'ftp://127.0.0.1/v1', 'notAnEndpoint'],
    ['of https where http is spoken', () => baseUrl.replace('http:', 'https:'), 'certificate'],
  ])('stops at an address %s', async (_name, address, reason) => {
    const judged = await judgeAt(typeof address === 'string' ? address : address());
    expect(judged).toMatchObject({ act: 'stop-all', reason });
  });

  it('asks at ports that browsers refuse', async () => {
    const judged = await judgeAt('http://127.0.0.1:6000/v1');
    expect(judged).toMatchObject({
      act: 'retry',
      reason: 'connection',
      words: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('stops at a key that no header can hold', async () => {
    const endpoint = { ...endpointOf(baseUrl), apiKeyVariable: 'KEY' };
    const chat = openChat(endpoint, { environment: () => 'pasted “key”', replySeconds: 1 });
    const reply = await chat.complete([], { temperature: 0, maximumTokens: 1 }, new AbortController().signal);
    expect(classifyFault(reply, 0)).toMatchObject({ act: 'stop-all', reason: 'wrongKey' });
  });
});

async function judgeAt(address: string): Promise<Judgement> {
  const chat = openChat(endpointOf(address), { environment: () => undefined, replySeconds: 1 });
  const reply = await chat.complete([], { temperature: 0, maximumTokens: 1 }, new AbortController().signal);
  return classifyFault(reply, 0);
}

describe('a reply of status 200', () => {
  const choices = (choice: object, more: object = {}) => JSON.stringify({ choices: [choice], ...more });
  const said = (message: object, finish = 'stop') => choices({ message, finish_reason: finish });
  const streamed = ['{"content":"ye"}', '{"content":"s"}']
    .map((delta) => `data: {"choices":[{"delta":${delta},"finish_reason":null}]}\n\n`)
    .join('');
  const end = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

  async function answerTo(body: string, headers: Record<string, string> = {}) {
    next = { status: 200, body, headers, raw: true };
    const chat = openChat(endpointOf(baseUrl), { environment: () => undefined, replySeconds: 1 });
    return readReply(await chat.complete([], { temperature: 0, maximumTokens: 1 }, new AbortController().signal), 0);
  }

  it.each([
    ['content in parts', said({ content: [{ type: 'thinking' }, { type: 'text', text: 'yes' }] }), {}],
    ['another content type', said({ content: 'yes' }), { 'content-type': 'text/plain' }],
    ['a stream that nobody asked for', streamed + end, { 'content-type': 'text/event-stream' }],
    ['an empty error beside it', choices({ message: { content: 'yes' } }, { error: null }), {}],
    ['usage that is none', choices({ message: { content: 'yes' } }, { usage: [{ prompt_tokens: 'many' }] }), {}],
  ])('is used with %s', async (_name, body, headers) => {
    const { fault, answer } = await answerTo(body, headers);
    expect(fault.act).toBe('use');
    expect(answer).toMatchObject({ given: 'yes', promptTokens: 0, completionTokens: 0 });
  });

  it.each([
    ['reasoning_content', said({ content: 'yes', reasoning_content: 'It is round.' })],
    ['reasoning', said({ content: 'yes', reasoning: 'It is round.' })],
    ['reasoning that is no text', said({ content: 'yes', reasoning: { effort: 'low' } })],
  ])('has no part of %s in its answer', async (_name, body) => {
    expect((await answerTo(body)).answer).toMatchObject({ given: 'yes', outcome: 'answered' });
  });

  const thinking = ['{"reasoning_content":"Let "}', '{"reasoning":"me"}']
    .map((delta) => `data: {"choices":[{"delta":${delta},"finish_reason":null}]}\n\n`)
    .join('');

  it.each([
    ['cut', said({ content: null, reasoning_content: 'Let me see' }, 'length')],
    ['ended', said({ content: '', reasoning: 'It is round.' })],
    ['in parts', said({ content: [{ type: 'thinking', thinking: 'It is round.' }] })],
    ['streamed', thinking + end, 'text/event-stream'],
  ])(
    'that holds only thoughts is cut, by its own name, where it was %s',
    async (_name, body, type = 'application/json') => {
      expect(await answerTo(body, { 'content-type': type })).toMatchObject({
        fault: { act: 'mark', reason: 'onlyThoughts' },
        answer: { outcome: 'cut', reason: 'onlyThoughts' },
      });
    },
  );

  it('keeps usage as whole numbers, which the journal takes back', async () => {
    const usage = { prompt_tokens: '12', completion_tokens: -1 };
    const { answer } = await answerTo(choices({ message: { content: 'yes' } }, { usage }));
    expect(answer).toMatchObject({ promptTokens: 12, completionTokens: 0 });
  });

  it.each([
    ['finish_reason "error"', said({ content: 'half' }, 'error'), 'status502'],
    ['finish_reason "abort"', said({ content: 'half' }, 'abort'), 'status502'],
    ['an error in its choice', choices({ message: { content: 'half' }, error: { code: 503 } }), 'status503'],
    ['a stream that broke off', streamed, 'notCompletion', 'text/event-stream'],
    ['an empty body', '', 'notCompletion'],
  ])('is asked again with %s', async (_name, body, reason, type = 'application/json') => {
    expect(await answerTo(body, { 'content-type': type })).toMatchObject({
      fault: { act: 'retry', reason },
      answer: null,
    });
  });

  it.each([
    ['max_tokens', 'cut'],
    ['SAFETY', 'refused'],
  ])('that ended by %s is %s', async (finish, outcome) => {
    expect((await answerTo(said({ content: 'half' }, finish))).answer).toMatchObject({ outcome });
  });

  it.each([
    ['insufficient_quota', 'quotaUsedUp'],
    ['invalid_api_key', 'wrongKey'],
  ])('with an error of the code %s stops all', async (code, reason) => {
    const { fault } = await answerTo(JSON.stringify({ error: { code, message: 'no' } }));
    expect(fault).toMatchObject({ act: 'stop-all', reason });
  });
});
