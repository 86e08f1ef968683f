import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { VlmDeps } from '../../../activities/vlm/deps.js';
import type { EvaluateInput } from '../../../activities/vlm/evaluate.js';
import { createVlmActivities } from '../../../activities/vlm/index.js';
import type { TaskRecord } from '../../../config/records.js';
import { depsOf, endpointOf, inputOf, readRows, recordOf, recordsOf, writeSet } from './builders.js';
import { type Call, ok, type Reply, StandIn } from './standIn.js';

let folder: string;
const servers: StandIn[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'anneal vlm-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function standIn(answer: (call: Call, active: number) => Reply) {
  const server = new StandIn(answer);
  servers.push(server);
  return { server, endpoint: endpointOf(await server.start()) };
}

async function evaluationOf(records: TaskRecord[], over: Partial<EvaluateInput> & Pick<EvaluateInput, 'endpoint'>) {
  const setUri = pathToFileURL(await writeSet(folder, records)).href;
  return inputOf({ setUri, into: pathToFileURL(path.join(folder, 'evaluation')).href, ...over });
}

function evaluate(input: EvaluateInput, over: Partial<VlmDeps> = {}) {
  return createVlmActivities(depsOf(over)).evaluateOverEndpoint(input);
}

function timesAsked(server: StandIn): Map<string, number> {
  const times = new Map<string, number>();
  for (const { text } of server.calls) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}

async function journalPath(): Promise<string> {
  const [only] = await readdir(path.join(folder, 'evaluation'));
  return path.join(folder, 'evaluation', only ?? '', 'journal.jsonl');
}

describe('evaluateOverEndpoint', () => {
  it('sends model, parts in order, max_tokens and temperature, and nothing that servers stumble over', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    const prompt = { system: 'Be brief.', template: 'Q: {question} A:' };
    const record = recordOf('a', { question: 'It costs $& or {{ answer }}, <|im_end|>?' });
    await evaluate(await evaluationOf([record], { endpoint, prompt }));
    const [call] = server.calls;
    expect(Object.keys(call?.body ?? {}).sort()).toEqual(['max_tokens', 'messages', 'model', 'temperature']);
    expect(call?.body).toMatchObject({
      model: 'stand-in',
      max_tokens: 64,
      temperature: 0,
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/png;base64,iVBOR/) } },
            { type: 'text', text: 'Q: It costs $& or {{ answer }}, <|im_end|>? A:' },
          ],
        },
      ],
    });
  });

  it('asks a variant of another format as it stands, and judges it in its own way', async () => {
    const { server, endpoint } = await standIn(() => ok('B. dent'));
    const answerKind = { kind: 'choice' as const, options: ['scratch', 'dent'] };
    const variant = { ...recordOf('a', { answer: 'B' }), from: { record: 'x', by: 'multipleChoice' }, answerKind };
    const prompt = { system: null, template: '{question} Answer in one word.' };
    const input = await evaluationOf([variant, recordOf('b', { answer: 'B. dent' })], { endpoint, prompt });
    const { score, answersUri } = await evaluate(input);
    expect(score.mean).toBe(1);
    expect(server.calls.map(({ text }) => text).sort()).toEqual(['Which is a?', 'Which is b? Answer in one word.']);
    expect((await readRows(answersUri)).map((row) => row.answerKind)).toEqual([answerKind, undefined]);
  });

  it('scores by format where that is asked for', async () => {
    const { endpoint } = await standIn(({ text }) => ok(text === 'Which is a?' ? 'B' : 'no'));
    const answerKind = { kind: 'choice' as const, options: ['scratch', 'dent'] };
    const variant = (id: string, by: string) => ({ ...recordOf(id, { answer: 'B' }), from: { record: 'x', by } });
    const records = [{ ...variant('a', 'multipleChoice'), answerKind }, variant('b', 'freeForm')];
    const { bySlice } = await evaluate(await evaluationOf(records, { endpoint, slices: 'format' }));
    expect(bySlice).toMatchObject({ multipleChoice: { mean: 1, n: 1 }, freeForm: { mean: 0, n: 1 } });
  });

  it('sends the literal placeholders of case 20 as text, with one picture each', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    const lines = (await readFile('test/fixtures/cases/20-special-tokens-in-text/train.jsonl', 'utf8'))
      .trimEnd()
      .split('\n');
    const questions = lines.map((line) => String(JSON.parse(line).messages[0].content).replace('<image>', ''));
    await evaluate(
      await evaluationOf(
        questions.map((question, n) => recordOf(`s${n}`, { question })),
        { endpoint },
      ),
    );
    expect(server.calls.map(({ text }) => text).sort()).toEqual([...questions].sort());
    expect(server.calls.map(({ images }) => images)).toEqual(questions.map(() => 1));
  });

  it('writes a scored row an item in the set’s order, and the summary counts them', async () => {
    const { endpoint } = await standIn(({ text }) => ok(text.includes('item-1?') ? 'no' : 'Yes '));
    const evaluation = await evaluate(await evaluationOf(recordsOf(4), { endpoint }));
    const rows = await readRows(evaluation.answersUri);
    expect(rows.map(({ id, score }) => [id, score])).toEqual([
      ['item-0', 1],
      ['item-1', 0],
      ['item-2', 1],
      ['item-3', 1],
    ]);
    expect(evaluation).toMatchObject({
      name: 'before-test',
      asked: 4,
      excluded: 0,
      promptTokens: 120,
      completionTokens: 8,
    });
    expect(evaluation.score.mean).toBe(0.75);
  });

  it('chooses the same items for the same seed, and keeps them when the limit grows without asking twice', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    const input = await evaluationOf(recordsOf(40), { endpoint });
    const ten = await readRows((await evaluate({ ...input, limit: 10 })).answersUri);
    const twenty = await readRows((await evaluate({ ...input, limit: 20 })).answersUri);
    expect(twenty.map(({ id }) => id)).toEqual(expect.arrayContaining(ten.map(({ id }) => id)));
    expect(server.calls).toHaveLength(20);
    const other = await readRows((await evaluate({ ...input, limit: 10, seed: 2 })).answersUri);
    expect(other.map(({ id }) => id)).not.toEqual(ten.map(({ id }) => id));
  });

  it('loses none of 200 items where the server allows 3 at a time (case 40)', async () => {
    const tooFast: Reply = { status: 429, body: 'slow down' };
    const { server, endpoint } = await standIn((_call, active) => (active > 3 ? tooFast : { ...ok('yes'), after: 5 }));
    const evaluation = await evaluate(await evaluationOf(recordsOf(200), { endpoint }));
    expect(evaluation).toMatchObject({ asked: 200, excluded: 0 });
    expect(await readRows(evaluation.answersUri)).toHaveLength(200);
    const refused = server.calls.length - 200;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(150);
  });

  it('passes over 503 pages, cut connections and late replies without losing an item (case 42)', async () => {
    const faults: Reply[] = [
      { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Service Unavailable</html>' },
      { status: 'cut', body: '{"choices":[{"mess' },
      { status: 'hang' },
      { status: 500, body: 'oops' },
      { status: 200, body: { error: { code: 502, message: 'upstream' } } },
    ];
    const { server, endpoint } = await standIn(({ text }) => {
      const fault = faults[Number(/item-(\d+)/.exec(text)?.[1])];
      return fault && timesAsked(server).get(text) === 1 ? fault : ok('yes');
    });
    const input = await evaluationOf(recordsOf(12), { endpoint });
    expect(await evaluate(input, { limits: { replySeconds: 0.5 } })).toMatchObject({ asked: 12, excluded: 0 });
    expect(server.calls).toHaveLength(12 + faults.length);
  });

  it('waits as long as Retry-After says, with all calls', async () => {
    const { server, endpoint } = await standIn(() => {
      if (server.calls.length === 6) return { status: 429, headers: { 'retry-after': '1' }, body: 'slow down' };
      return { ...ok('yes'), after: 5 };
    });
    await evaluate(await evaluationOf(recordsOf(20), { endpoint }));
    const times = server.calls.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(950);
    // Some are under way when the reply comes; without a wait all the other 15 would be asked at once.
    expect(times.filter((at) => at > (times[5] ?? 0) && at < (times[5] ?? 0) + 950).length).toBeLessThan(10);
  });

  it('stops all at the first call with the server’s words when the key is wrong', async () => {
    const { server, endpoint } = await standIn(() => ({ status: 401, body: 'Incorrect API key provided: sk-***' }));
    const input = await evaluationOf(recordsOf(50), { endpoint: { ...endpoint, apiKeyVariable: 'MODEL_KEY' } });
    await expect(evaluate(input, { environment: () => 'sk-wrong' })).rejects.toMatchObject({
      problem: {
        type: 'EndpointRefused',
        what: expect.stringContaining('Incorrect API key provided'),
        todo: expect.stringContaining('MODEL_KEY'),
      },
    });
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]?.headers['authorization']).toBe('Bearer sk-wrong');
  });

  it('says which variable is missing before it calls anybody', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    const input = await evaluationOf(recordsOf(2), { endpoint: { ...endpoint, apiKeyVariable: 'MODEL_KEY' } });
    await expect(evaluate(input)).rejects.toThrow('MODEL_KEY');
    expect(server.calls).toHaveLength(0);
  });

  it('stops at used-up quota in the middle and keeps what was answered', async () => {
    let paid = false;
    const { server, endpoint } = await standIn(({ text }) => {
      if (!paid && text.includes('item-15?')) return { status: 429, body: 'insufficient_quota: plan used up' };
      return ok('yes');
    });
    const input = await evaluationOf(recordsOf(30), { endpoint });
    await expect(evaluate(input)).rejects.toMatchObject({ problem: { type: 'EndpointRefused' } });
    const kept = (await readFile(await journalPath(), 'utf8')).trimEnd().split('\n').length;
    expect(kept).toBeGreaterThan(5);
    paid = true;
    const before = server.calls.length;
    expect(await evaluate(input)).toMatchObject({ asked: 30, excluded: 0 });
    expect(server.calls.length - before).toBe(30 - kept);
  });

  it('finds an image limit at the first call, from the record with the most (case 46)', async () => {
    const { server, endpoint } = await standIn(({ images }) =>
      images > 1 ? { status: 400, body: 'At most 1 image(s) may be provided in one request.' } : ok('yes'),
    );
    const input = await evaluationOf([...recordsOf(20), recordOf('three', { images: 3 })], { endpoint });
    await expect(evaluate(input)).rejects.toThrow('--limit-mm-per-prompt');
    expect(server.calls).toHaveLength(1);
  });

  it('goes on past a refused picture, marks refused and cut answers, and counts each apart', async () => {
    const replies: Reply[] = [
      { status: 400, body: 'content_policy_violation' },
      { status: 413, body: 'request too large' },
      { status: 200, body: { content: null, refusal: 'cannot help' } },
      { status: 200, body: { content: 'yes', finish_reason: 'length' } },
      { status: 200, body: { content: '', finish_reason: 'content_filter' } },
    ];
    const { server, endpoint } = await standIn(
      ({ text }) => replies[Number(/item-(\d+)/.exec(text)?.[1])] ?? ok('yes'),
    );
    const evaluation = await evaluate(await evaluationOf(recordsOf(10), { endpoint }));
    expect(evaluation).toMatchObject({ asked: 10, excluded: 2, refused: 2, cut: 1 });
    const rows = await readRows(evaluation.answersUri);
    expect(rows.slice(0, 5).map(({ outcome, reason, score }) => [outcome, reason?.split(':')[0], score])).toEqual([
      ['excluded', 'contentPolicy', 0],
      ['excluded', 'tooLarge', 0],
      ['refused', 'cannot help', 0],
      ['cut', 'length', 0],
      ['refused', 'content_filter', 0],
    ]);
    expect(server.calls).toHaveLength(10);
  });

  it('excludes the one record that always gets a bare 500, with its reason, and answers the rest (case 15)', async () => {
    const { server, endpoint } = await standIn(({ text }) =>
      text.includes('item-3?') ? { status: 500, body: 'oops' } : ok('yes'),
    );
    const evaluation = await evaluate(await evaluationOf(recordsOf(10), { endpoint }));
    expect(evaluation).toMatchObject({ asked: 10, excluded: 1 });
    expect((await readRows(evaluation.answersUri))[3]?.reason).toContain(
      'status500, 3 tries, while others were answered',
    );
    expect(timesAsked(server).get('Which is item-3?')).toBe(3);
  });

  it('asks a control question before it blames the only record left', async () => {
    const { endpoint } = await standIn(({ text }) =>
      text.includes('item-0?') ? { status: 'cut', body: '{' } : ok('grey'),
    );
    expect(await evaluate(await evaluationOf(recordsOf(1), { endpoint }))).toMatchObject({ asked: 1, excluded: 1 });
  });

  it('says that the endpoint is unavailable, and excludes nobody, when nobody is answered', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    await server.stop();
    const input = await evaluationOf(recordsOf(30), { endpoint });
    await expect(evaluate(input)).rejects.toMatchObject({
      problem: { type: 'EndpointUnavailable', what: expect.stringContaining('ECONNREFUSED') },
    });
  });

  it('keeps what came when the server dies in the middle, and asks the rest of its successor at another port', async () => {
    const first = await standIn(() => {
      if (first.server.calls.length === 20) void first.server.stop();
      return ok('yes');
    });
    const input = await evaluationOf(recordsOf(40), { endpoint: { ...first.endpoint, server: 'base' } });
    await expect(evaluate(input)).rejects.toMatchObject({ problem: { type: 'EndpointUnavailable' } });
    const kept = (await readFile(await journalPath(), 'utf8')).trimEnd().split('\n').length;
    const second = await standIn(() => ok('yes'));
    const moved = { ...input, endpoint: { ...second.endpoint, server: 'base' } };
    expect(await evaluate(moved)).toMatchObject({ asked: 40, excluded: 0 });
    expect(second.server.calls).toHaveLength(40 - kept);
  });

  it('stops when a server that answered takes no record any more, and no control question either', async () => {
    const { server, endpoint } = await standIn(() =>
      server.calls.length <= 5 ? ok('yes') : { status: 400, body: 'no text after the restart' },
    );
    const evaluating = evaluate(await evaluationOf(recordsOf(60), { endpoint, concurrency: 1 }));
    await expect(evaluating).rejects.toMatchObject({ problem: { type: 'EndpointRefused' } });
    expect(server.calls.length).toBeLessThan(20);
  });

  it('goes on past many records in a row that are too large, where the control question is answered', async () => {
    const { endpoint } = await standIn(({ text }) =>
      /item-0\d/.test(text) ? { status: 413, body: 'too large' } : ok('yes'),
    );
    const records = Array.from({ length: 30 }, (_, index) => recordOf(`item-${String(index).padStart(2, '0')}`));
    expect(await evaluate(await evaluationOf(records, { endpoint, concurrency: 1 }))).toMatchObject({ excluded: 10 });
  });

  it.each([
    ['86400', /asks to wait 24 h, until \d{4}-/],
    ['Fri, 31 Dec 9999 23:59:59 GMT', /until \+?\d*9999-12-31T23:59/],
    ['1e300', /asks to wait .* h, until/],
  ])('does not wait where it is told to come back after %s, and says so', async (wait, says) => {
    const { server, endpoint } = await standIn(() => ({
      status: 429,
      body: 'daily limit of requests reached',
      headers: { 'retry-after': wait },
    }));
    const evaluating = evaluate(await evaluationOf(recordsOf(20), { endpoint }));
    await expect(evaluating).rejects.toThrow(says);
    await expect(evaluating).rejects.toMatchObject({ problem: { type: 'EndpointUnavailable' } });
    expect(server.calls.length).toBeLessThan(10);
  });

  it('does not wait for ever for a record that alone is told to slow down', async () => {
    const { endpoint } = await standIn(({ text }) =>
      text.includes('item-03') ? { status: 429, body: 'token rate limit' } : ok('yes'),
    );
    const records = Array.from({ length: 10 }, (_, index) => recordOf(`item-0${index}`));
    const evaluated = await evaluate(await evaluationOf(records, { endpoint }), {
      limits: { longestWaitSeconds: 0.3 },
    });
    expect(evaluated).toMatchObject({ asked: 10, excluded: 1 });
  });

  it('takes invalid requests from the start for its own fault, not the records’', async () => {
    const { server, endpoint } = await standIn(() => ({ status: 422, body: 'Unexpected fields in the request' }));
    await expect(evaluate(await evaluationOf(recordsOf(50), { endpoint }))).rejects.toThrow('Unexpected fields');
    expect(server.calls.length).toBeLessThan(20);
  });

  it('turns to max_completion_tokens where max_tokens is refused by name', async () => {
    const { server, endpoint } = await standIn(({ body }) =>
      'max_tokens' in body
        ? { status: 400, body: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead." }
        : ok('yes'),
    );
    expect(await evaluate(await evaluationOf(recordsOf(5), { endpoint }))).toMatchObject({ asked: 5, excluded: 0 });
    expect(server.calls).toHaveLength(6);
  });

  it('ends at once when it is cancelled, with the cancellation, and keeps what was received', async () => {
    const cancel = new AbortController();
    const { server, endpoint } = await standIn(() => {
      if (server.calls.length === 15) cancel.abort(new Error('cancelled by a person'));
      return { ...ok('yes'), after: server.calls.length > 10 ? 5000 : 0 };
    });
    const input = await evaluationOf(recordsOf(60), { endpoint });
    const began = Date.now();
    await expect(evaluate(input, { signal: () => cancel.signal })).rejects.toThrow('cancelled by a person');
    expect(Date.now() - began).toBeLessThan(3000);
    expect((await readFile(await journalPath(), 'utf8')).trimEnd().split('\n')).toHaveLength(10);
  });

  it('beats with its progress', async () => {
    const { endpoint } = await standIn(() => ok('yes'));
    const deps = depsOf();
    await createVlmActivities(deps).evaluateOverEndpoint(await evaluationOf(recordsOf(12), { endpoint }));
    expect(deps.beats[0]).toMatchObject({ done: 0, total: 12, waiting: 0 });
    expect(deps.beats.at(-1)).toMatchObject({ done: 12, total: 12 });
  });

  it('names file and record when the set is none', async () => {
    const { endpoint } = await standIn(() => ok('yes'));
    const input = await evaluationOf(recordsOf(1), { endpoint });
    await appendFile(path.join(folder, 'test.jsonl'), '{"id": 3}\n');
    await expect(evaluate(input)).rejects.toMatchObject({
      problem: { type: 'DatasetInvalid', where: expect.stringContaining('record 2') },
    });
  });
});

describe('the journal of answers', () => {
  it('lets a worker killed by SIGKILL go on without asking for an answer twice', async () => {
    const { server, endpoint } = await standIn(() => ({ ...ok('yes'), after: 10 }));
    const input = await evaluationOf(recordsOf(120), { endpoint });
    const worker = spawn(process.execPath, ['--import', 'tsx', 'test/activities/vlm/child.ts', JSON.stringify(input)], {
      stdio: 'inherit',
      env: { PATH: process.env['PATH'] },
    });
    while (server.calls.length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    const journal = (await readFile(await journalPath(), 'utf8')).split('\n').filter(Boolean);
    const received = new Set(journal.map((line) => `Which is ${JSON.parse(line).id}?`));
    expect(received.size).toBeGreaterThan(30);
    const before = server.calls.length;
    expect(await evaluate(input)).toMatchObject({ asked: 120, excluded: 0 });
    const again = server.calls.slice(before).map(({ text }) => text);
    expect(again.filter((text) => received.has(text))).toEqual([]);
    expect(again).toHaveLength(120 - received.size);
    expect(before - received.size).toBeLessThanOrEqual(input.concurrency);
  });

  it('drops half a line and asks for that item again', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    const input = await evaluationOf(recordsOf(6), { endpoint });
    await evaluate({ ...input, limit: 3 });
    await appendFile(await journalPath(), '{"id":"item-0","giv');
    expect(await evaluate(input)).toMatchObject({ asked: 6, excluded: 0 });
    expect(server.calls).toHaveLength(6);
    for (const line of (await readFile(await journalPath(), 'utf8')).trimEnd().split('\n')) JSON.parse(line);
  });

  it('belongs to one model, prompt, decoding and set', async () => {
    const { server, endpoint } = await standIn(() => ok('yes'));
    const input = await evaluationOf(recordsOf(2), { endpoint });
    await evaluate(input);
    await evaluate({ ...input, endpoint: { ...endpoint, model: 'other' } });
    await evaluate({ ...input, prompt: { system: null, template: 'Please: {question}' } });
    await evaluate({ ...input, decoding: { temperature: 0, maximumTokens: 65 } });
    expect(server.calls).toHaveLength(8);
  });

  it('adds the seconds of all attempts', async () => {
    const { endpoint } = await standIn(() => ({ ...ok('yes'), after: 50 }));
    const input = await evaluationOf(recordsOf(4), { endpoint, concurrency: 1 });
    const first = await evaluate({ ...input, limit: 2 });
    const both = await evaluate(input);
    expect(first.seconds).toBeGreaterThanOrEqual(0.1);
    expect(both.seconds).toBeGreaterThanOrEqual(first.seconds + 0.1);
  });
});
