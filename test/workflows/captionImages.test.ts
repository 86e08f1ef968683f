import { jest } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { CaptionedWindow, CaptionWindowInput } from '../../activities/captions/captionWindow.js';
import type { Finished, FinishInput } from '../../activities/captions/finish.js';
import type { Listing } from '../../activities/captions/index.js';
import type { CaptionInput, CaptionResult } from '../../config/captioning.js';
import { CaptionProgress } from '../../config/progress.js';
import { captionProgressQuery } from '../../workflows/captions/book.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';

jest.setTimeout(240_000);

const input = { images: 'photos', endpoint: { baseUrl: 'http://127.0.0.1:9/v1', model: 'm' } };

/** What the activities do; each test changes only what matters to it. */
interface Script {
  windows: number;
  served: boolean;
  startServing(server: number): Promise<void>;
  captionWindow(input: CaptionWindowInput): Promise<void>;
  used: number;
}

const everythingWorks: Script = {
  windows: 3,
  served: false,
  startServing: async () => undefined,
  captionWindow: async () => undefined,
  used: 30,
};

function scripted(script: Script, calls: string[]) {
  let servers = 0;
  return {
    async listPictures({ input: wish }: { input: CaptionInput; run: string }): Promise<Listing> {
      calls.push('list');
      const { prompts, system, decoding, pictures } = wish;
      return {
        folderUri: 'file:///c/run',
        answersUri: 'file:///c/answers',
        datasetsUri: 'file:///datasets',
        root: '/photos',
        pictures: script.windows * 10,
        windows: script.windows,
        ask: { model: 'm', prompts, system, decoding, pictures },
        endpoint: script.served ? null : { baseUrl: 'http://e/v1', model: 'm', apiKeyVariable: null, server: null },
        modelUri: script.served ? 'file:///model' : null,
        searchAttributes: false,
      };
    },
    async captionWindow(window: CaptionWindowInput): Promise<CaptionedWindow> {
      await script.captionWindow(window);
      calls.push(`window ${window.window} of ${window.endpoint.baseUrl}, ${window.concurrency} at once`);
      const tokens = { promptTokens: 100, completionTokens: 50 };
      return { pictures: 10, unanswered: 0, received: 9, reused: 1, interrupted: 0, ...tokens };
    },
    async finishCaptions({ pictures, windows }: FinishInput): Promise<Finished> {
      calls.push(`finish ${pictures} in ${windows}`);
      const counts = { listed: pictures, used: script.used, merged: 0, rejected: pictures - script.used, waiting: 0 };
      return { captionsFile: '/c/run/captions.jsonl', counts: { ...counts, leftOut: 0, byReason: {} } };
    },
    async buildDatasetFolder({ source }: { source: { name: string; files: { path: string }[] } }) {
      calls.push(`build ${source.name} from ${source.files[0]?.path}`);
      const counts = { read: script.used, used: script.used, merged: 0, rejected: 0 };
      return { uri: 'file:///d', digest: 'd', ...counts, bySplit: {}, largestShare: 0, notes: [], questions: [] };
    },
    async startServing({ key }: { key: string }) {
      servers += 1;
      calls.push('serve');
      await script.startServing(servers);
      return { baseUrl: `http://server-${servers}/v1`, model: '/model', apiKeyVariable: null, server: key };
    },
    stopServing: async () => void calls.push('stop serving'),
  };
}

describe('captionImages', () => {
  let temporal: LocalTemporal;

  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(() => temporal.teardown());

  async function run(
    change: Partial<Script>,
    { wish }: { wish: unknown } = { wish: input },
    act: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
  ): Promise<{ result: CaptionResult; calls: string[]; workflowId: string; progress: CaptionProgress }> {
    const calls: string[] = [];
    const activities = scripted({ ...everythingWorks, ...change }, calls);
    const args = wish === undefined ? [] : [wish];
    return temporal.run('captionImages', { args, activities }, async ({ workflowId }) => {
      const handle = temporal.client.workflow.getHandle(workflowId);
      await act(handle);
      const result = (await handle.result()) as CaptionResult;
      return { result, calls, workflowId, progress: CaptionProgress.parse(await handle.query(captionProgressQuery)) };
    });
  }

  it.concurrent('lists, captions every window once, filters, and builds one dataset', async () => {
    const { result, calls } = await run({});
    expect(calls.filter((call) => call.startsWith('window')).sort()).toEqual(
      [0, 1, 2].map((window) => `window ${window} of http://e/v1, 8 at once`),
    );
    expect(calls[0]).toBe('list');
    expect(calls.slice(-2)).toEqual(['finish 30 in 3', 'build captions from /c/run/captions.jsonl']);
    expect(result).toMatchObject({
      calls: { received: 27, reused: 3, interrupted: 0, promptTokens: 300, completionTokens: 150 },
      counts: { listed: 30, used: 30 },
      dataset: { uri: 'file:///d' },
    });
  });

  it.concurrent('goes on as new before its history is long, and loses no count on the way', async () => {
    const windows = 1050;
    const { result, calls, workflowId } = await run({ windows, used: 10 }, { wish: { ...input, windowsAtOnce: 8 } });
    expect(new Set(calls.filter((call) => call.startsWith('window'))).size).toBe(windows);
    expect(calls.filter((call) => call === 'list')).toHaveLength(1);
    expect(result.calls).toMatchObject({ received: 9 * windows, reused: windows });
    const lengths: number[] = [];
    const parts = temporal.client.workflow.list({ query: `WorkflowId = '${workflowId}'` });
    for await (const { historyLength } of parts) lengths.push(historyLength ?? 0);
    expect(lengths).toHaveLength(3);
    for (const length of lengths) expect(length).toBeLessThan(4096);
  });

  it.concurrent('says how far it is, while it is', async () => {
    let release = () => undefined as undefined;
    const held = new Promise<void>((resolve) => {
      release = () => void resolve();
    });
    const { progress: last } = await run(
      { captionWindow: ({ window }) => (window === 2 ? held : Promise.resolve()) },
      undefined,
      async (at) => {
        for (;;) {
          const progress = await at.query(captionProgressQuery);
          if (progress.windows === 2) {
            expect(progress).toMatchObject({ step: 'caption', ofWindows: 3, received: 18, state: 'running' });
            expect(progress.live).toContain('2 of 3 windows: 18 answers received');
            break;
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        release();
      },
    );
    expect(last).toMatchObject({ state: 'done', windows: 3 });
  });

  it.concurrent('builds no dataset where no caption passed', async () => {
    const { result, calls } = await run({ used: 0 });
    expect(result.dataset).toBeNull();
    expect(calls.at(-1)).toBe('finish 30 in 3');
  });

  it.concurrent('stops the other windows where a person must act, with the server’s words', async () => {
    let cancelled = false;
    const refusal = { type: 'EndpointRefused', message: 'The endpoint refuses: bad key', nonRetryable: true };
    const failed: unknown = await run({
      async captionWindow({ window }) {
        if (window === 1) throw ApplicationFailure.create(refusal);
        const beating = setInterval(() => Context.current().heartbeat(), 100);
        try {
          await Context.current().cancelled;
        } catch (error) {
          cancelled = true;
          throw error;
        } finally {
          clearInterval(beating);
        }
      },
    }).catch((error: unknown) => error);
    expect((failed as WorkflowFailedError).cause).toMatchObject({ type: 'EndpointRefused', message: refusal.message });
    expect(cancelled).toBe(true);
  });

  it.concurrent('serves a model of ours meanwhile, and serves it anew when it dies', async () => {
    let died = false;
    const { result, calls } = await run(
      {
        served: true,
        async captionWindow({ window }) {
          if (window !== 2 || died) return;
          died = true;
          throw ApplicationFailure.create({ type: 'EndpointUnavailable', message: 'gone', nonRetryable: true });
        },
      },
      { wish: { images: 'photos', model: 'tiny' } },
    );
    expect(calls.filter((call) => call === 'serve')).toHaveLength(2);
    expect(calls.filter((call) => call === 'stop serving')).toHaveLength(1);
    expect(calls).toContain('window 2 of http://server-2/v1, 8 at once');
    expect(result.calls.received).toBe(27);
  });

  it.concurrent('starts a server again that did not come up, and counts the starts itself', async () => {
    const { result, calls } = await run(
      {
        served: true,
        async startServing(server) {
          if (server < 4) throw ApplicationFailure.create({ type: 'ServingFailed', message: 'ended while loading' });
        },
      },
      { wish: { images: 'photos', model: 'tiny' } },
    );
    expect(calls.filter((call) => call === 'serve')).toHaveLength(4);
    expect(result.calls.received).toBe(27);
  });

  it.concurrent('ends as cancelled when it is cancelled, after its windows have ended', async () => {
    const cancelled = run(
      {
        async captionWindow() {
          const beating = setInterval(() => Context.current().heartbeat(), 100);
          await Context.current().cancelled.finally(() => clearInterval(beating));
        },
      },
      undefined,
      async (handle) => {
        while ((await handle.query(captionProgressQuery)).step !== 'caption')
          await new Promise((resolve) => setTimeout(resolve, 50));
        await handle.cancel();
      },
    );
    await expect(cancelled).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
  });

  it.concurrent.each([
    ['a text', 'photos', /text/],
    ['a list', [input], /list/],
    ['nothing', undefined, /no input/],
    ['an unknown key', { ...input, promts: ['x'] }, /Did you mean "prompts"/],
    ['no endpoint and no model', { images: 'photos' }, /either endpoint or model/],
    ['both', { ...input, model: 'tiny' }, /either endpoint or model/],
    ['a wrong address', { images: 'photos', endpoint: { baseUrl: 'here', model: 'm' } }, /endpoint.baseUrl/],
    ['no pictures', { endpoint: input.endpoint }, /images: it is missing|images/],
  ])('refuses %s with what is wrong and an example', async (_name, wish, says) => {
    const failed: unknown = await run({}, { wish }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    const { cause } = failed as WorkflowFailedError;
    expect((cause as ApplicationFailure).type).toBe('InvalidInput');
    expect((cause as ApplicationFailure).message).toMatch(says);
    expect((cause as ApplicationFailure).message).toContain('"images":"photos"');
  });
});
