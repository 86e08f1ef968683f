/** Captions one window: asks for what no answer is there for, and writes each answer down as it comes. */
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import type { CaptionCalls } from '../../config/captioning.js';
import type { Endpoint } from '../../config/serving.js';
import { RowFault } from '../data/faults.js';
import { readJsonLines, sha256, toPath, writeWhole } from '../storage/files.js';
import { Asker } from '../vlm/asker.js';
import { type ChatMessages, openChat } from '../vlm/chat.js';
import { systemClock } from '../vlm/clock.js';
import type { VlmDeps } from '../vlm/deps.js';
import { defaultLimits } from '../vlm/limits.js';
import { forEachAtOnce } from '../vlm/pool.js';
import { AnswerWriter, type KeyRange, readAnswers, type StoredAnswers } from './answers.js';
import type { Ask } from './ask.js';
import { WindowLine } from './buckets.js';
import { windowFile } from './listing.js';
import { sentPicture } from './sentPicture.js';

export interface CaptionWindowInput {
  run: string;
  /** URI of the run's folder, as the listing gave it. */
  folderUri: string;
  /** URI of the folder of all answers. */
  answersUri: string;
  /** Counts from 0. */
  window: number;
  endpoint: Endpoint;
  ask: Ask;
  /** Calls at once at most, in this window. */
  concurrency: number;
}

/** A picture that got no answer here, a line of the window's file of those. */
export interface Unanswered {
  key: string;
  /** `waiting`: asked in vain, and asked again by another run. */
  fate: 'rejected' | 'waiting';
  reason: string;
  detail: string;
}

export interface CaptionedWindow extends CaptionCalls {
  /** Different pictures. */
  pictures: number;
  unanswered: number;
}

/** How often the heartbeat tells progress, in milliseconds. */
const heartbeatEvery = 2000;

/**
 * Another attempt, another run or a duplicate asks for nothing that was answered. Throws EndpointRefused when a person
 * must act, EndpointUnavailable when nobody is answered, NoSpace, and the cancellation.
 */
export async function captionWindow(deps: VlmDeps, input: CaptionWindowInput): Promise<CaptionedWindow> {
  const folder = toPath(input.folderUri);
  const pictures = await readWindow(folder, input.window);
  const range = rangeOf(pictures);
  const stored = await readAnswers(answersFolder(input.answersUri, input.ask), range, input.run);
  if (stored.damaged > 0)
    deps.log.warn('Unreadable lines of answers; their pictures are asked again.', { lines: stored.damaged });
  const missing = pictures.filter(({ key }) => !stored.answers.has(key));
  const asking = new WindowAsking(deps, input, { range, total: pictures.length, missing });
  const { calls, unanswered } = await asking.run();
  const text = unanswered.map((each) => `${JSON.stringify(each)}\n`).join('');
  await writeWhole(unansweredFile(folder, input.window), text);
  return {
    pictures: pictures.length,
    unanswered: unanswered.length,
    received: stored.received + calls.received,
    reused: stored.answers.size - stored.received,
    interrupted: stored.interrupted,
    promptTokens: stored.promptTokens + calls.promptTokens,
    completionTokens: stored.completionTokens + calls.completionTokens,
  };
}

/** One line a key: of files with equal content the first is asked. */
async function readWindow(folder: string, window: number): Promise<WindowLine[]> {
  const pictures: WindowLine[] = [];
  for await (const value of readJsonLines(windowFile(folder, window))) {
    const line = WindowLine.parse(value);
    if (line.key !== pictures.at(-1)?.key) pictures.push(line);
  }
  return pictures;
}

/** Of a window, whose lines are in the order of their keys. */
export function rangeOf(lines: readonly { key: string }[]): KeyRange {
  return { from: lines[0]?.key ?? '', to: lines.at(-1)?.key ?? '' };
}

/** Answers of one model lie together: those of another can never fit. */
export function answersFolder(answersUri: string, { model }: Ask): string {
  return path.join(toPath(answersUri), sha256(model).slice(0, 16));
}

export function unansweredFile(folder: string, window: number): string {
  return windowFile(folder, window).replace(/\.jsonl$/, '.unanswered.jsonl');
}

type Calls = Pick<StoredAnswers, 'received' | 'promptTokens' | 'completionTokens'>;

class WindowAsking {
  private readonly calls: Calls = { received: 0, promptTokens: 0, completionTokens: 0 };
  private readonly unanswered: Unanswered[] = [];
  private done = 0;
  private readonly stop = new AbortController();
  private readonly deps: VlmDeps;
  private readonly input: CaptionWindowInput;
  private readonly work: { range: KeyRange; total: number; missing: WindowLine[] };
  private readonly writer: AnswerWriter;
  private readonly asker: Asker;
  private readonly clock;
  private readonly began: number;

  constructor(deps: VlmDeps, input: CaptionWindowInput, work: WindowAsking['work']) {
    const { endpoint, ask, concurrency, run } = input;
    this.deps = deps;
    this.input = input;
    this.work = work;
    this.clock = deps.clock ?? systemClock;
    this.began = this.clock.now();
    const origin = { run, ask, baseUrl: endpoint.baseUrl };
    this.writer = new AnswerWriter(answersFolder(input.answersUri, ask), work.range, origin);
    const signal = AbortSignal.any([deps.signal(), this.stop.signal]);
    // Every call that waits listens to it, and more than ten would be taken for a leak.
    setMaxListeners(0, signal);
    const limits = { ...defaultLimits, ...deps.limits };
    const chat = openChat(endpoint, { environment: deps.environment, replySeconds: limits.replySeconds });
    const { clock } = this;
    const { metrics } = deps;
    this.asker = new Asker({ chat, endpoint, decoding: ask.decoding, concurrency, limits, clock, signal, metrics });
  }

  async run(): Promise<{ calls: Calls; unanswered: Unanswered[] }> {
    const timer = setInterval(() => this.beat(), heartbeatEvery);
    try {
      this.beat();
      const { missing } = this.work;
      await forEachAtOnce(missing, this.input.concurrency, (line) => this.settle(line), this.stop);
      this.beat();
      return { calls: this.calls, unanswered: this.unanswered };
    } finally {
      clearInterval(timer);
      await this.writer.close();
    }
  }

  private beat(): void {
    const { total, missing } = this.work;
    const seconds = Math.max(0.001, (this.clock.now() - this.began) / 1000);
    this.deps.heartbeat({
      done: total - missing.length + this.done,
      total,
      waiting: this.asker.waiting,
      rate: Math.round((10 * this.done) / seconds) / 10,
    });
  }

  private async settle(line: WindowLine): Promise<void> {
    try {
      await this.ask(line, await this.messagesOf(line));
    } catch (error) {
      if (!(error instanceof RowFault)) throw error;
      this.unanswered.push({ key: line.key, fate: 'rejected', reason: error.reason, detail: error.detail });
    }
    this.done += 1;
  }

  private async ask({ key }: WindowLine, messages: ChatMessages): Promise<void> {
    const settled = await this.asker.ask(async () => {
      await this.writer.asked(key);
      return messages;
    });
    if (settled.outcome !== 'excluded') {
      const { outcome, given, reason, promptTokens, completionTokens } = settled;
      await this.writer.received({ key, outcome, given, reason, promptTokens, completionTokens });
      this.calls.received += 1;
      this.calls.promptTokens += promptTokens;
      this.calls.completionTokens += completionTokens;
    } else if (settled.lasting) {
      const { reason } = settled;
      await this.writer.received({
        key,
        outcome: 'excluded',
        given: null,
        reason,
        promptTokens: 0,
        completionTokens: 0,
      });
      this.calls.received += 1;
    } else {
      await this.writer.ended(key);
      this.unanswered.push({ key, fate: 'waiting', reason: 'noAnswer', detail: settled.reason });
    }
  }

  private async messagesOf({ file, prompt }: WindowLine): Promise<ChatMessages> {
    const { ask } = this.input;
    const url = await sentPicture(file, ask.pictures);
    const text = ask.prompts[prompt] ?? '';
    return [
      ...(ask.system === null ? [] : [{ role: 'system' as const, content: ask.system }]),
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url } },
          { type: 'text', text },
        ],
      },
    ];
  }
}
