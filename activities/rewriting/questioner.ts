/** Asks through the store: what was answered before costs nothing, and what is answered now is kept as it comes. */
import { setMaxListeners } from 'node:events';
import type { CallCounts } from '../../config/rewriting.js';
import type { Decoding, Endpoint } from '../../config/serving.js';
import { toPath } from '../storage/files.js';
import { AnswerShard, answerKey, type StoredAnswer } from '../vlm/answerStore.js';
import { Asker } from '../vlm/asker.js';
import { openChat } from '../vlm/chat.js';
import { systemClock } from '../vlm/clock.js';
import type { VlmDeps } from '../vlm/deps.js';
import { defaultLimits } from '../vlm/limits.js';
import type { Asking } from './prompts.js';

export type Told = Pick<StoredAnswer, 'given' | 'outcome' | 'reason'> | { outcome: 'excluded'; reason: string };

/** Whom to ask, and how. */
export interface Voice {
  endpoint: Endpoint;
  decoding: Decoding;
}

/** Of whose question it is; `shard` follows from the question. */
export interface Place {
  question: string;
  shard: string;
  run: number;
}

export class Questioner {
  private readonly deps: VlmDeps;
  private readonly store: string;
  private readonly signal: AbortSignal;
  private readonly concurrency: number;
  private readonly askers = new Map<string, Asker>();
  private readonly shards = new Map<string, Promise<AnswerShard>>();
  private readonly keys = new Map<string, string>();
  private readonly inProgress = new Map<string, Promise<Told>>();
  private reused = 0;

  constructor(deps: VlmDeps, options: { store: string; signal: AbortSignal; concurrency: number }) {
    this.deps = deps;
    this.store = toPath(options.store);
    this.signal = options.signal;
    this.concurrency = options.concurrency;
    // Every call that waits listens to it, and more than ten would be taken for a leak.
    setMaxListeners(0, this.signal);
  }

  /** Items that pause before their next try. */
  get waiting(): number {
    return [...this.askers.values()].reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** The answer of one run; the same content is asked once of a model, decoding and run. Throws as `Asker.ask`. */
  async ask(asking: Asking, voice: Voice, place: Place): Promise<Told> {
    const { endpoint, decoding } = voice;
    const { question, run } = place;
    const key = answerKey({ question, content: asking.content, model: endpoint.model, decoding, run });
    this.keys.set(key, place.shard);
    const going = this.inProgress.get(key) ?? this.askOnce(key, asking, voice, place.shard);
    this.inProgress.set(key, going);
    return going;
  }

  /** Calls of everything that was asked here, those of earlier attempts and rewritings included. */
  async counts(): Promise<CallCounts> {
    const sum: CallCounts = { asked: 0, answered: 0, reused: this.reused, unanswered: 0, lost: 0 };
    for (const [key, shard] of this.keys) {
      const { asked, answered, unanswered } = (await this.shard(shard)).callsOf(key);
      sum.asked += asked;
      sum.answered += answered;
      sum.unanswered += unanswered;
      sum.lost += Math.max(0, asked - answered - unanswered);
    }
    return sum;
  }

  async close(): Promise<void> {
    for (const shard of this.shards.values()) await (await shard).close();
  }

  private async askOnce(key: string, asking: Asking, voice: Voice, name: string): Promise<Told> {
    const shard = await this.shard(name);
    const before = shard.get(key);
    if (before) {
      this.reused += 1;
      return before;
    }
    let begun = false;
    const messages = async () => {
      const rendered = await asking.messages();
      if (!begun) await shard.asking(key);
      begun = true;
      return rendered;
    };
    const settled = await this.asker(voice).ask(messages);
    if (settled.outcome === 'excluded') {
      if (begun) await shard.unanswered(key, settled.reason);
      return settled;
    }
    await shard.answered({ key, ...settled });
    return settled;
  }

  private asker({ endpoint, decoding }: Voice): Asker {
    const name = JSON.stringify([endpoint, decoding]);
    const known = this.askers.get(name);
    if (known) return known;
    const limits = { ...defaultLimits, ...this.deps.limits };
    const chat = openChat(endpoint, { environment: this.deps.environment, replySeconds: limits.replySeconds });
    const clock = this.deps.clock ?? systemClock;
    const { concurrency, signal, deps } = this;
    const { metrics } = deps;
    const asker = new Asker({ chat, endpoint, decoding, concurrency, limits, clock, signal, metrics });
    this.askers.set(name, asker);
    return asker;
  }

  private shard(name: string): Promise<AnswerShard> {
    const opened = this.shards.get(name) ?? AnswerShard.open(this.store, name);
    this.shards.set(name, opened);
    return opened;
  }
}
