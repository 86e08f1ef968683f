/** Asks one item until it is settled: the retries of one call, which Temporal never sees. */
import { metrics } from '../../config/metrics.js';
import type { Decoding, Endpoint } from '../../config/serving.js';
import { type Metrics, noMetrics } from '../telemetry/metrics.js';
import type { Chat, ChatMessages } from './chat.js';
import type { Clock } from './clock.js';
import type { Answer } from './completion.js';
import { controlDecoding, controlMessages } from './control.js';
import { type Judgement, readReply } from './faults.js';
import { backOff, Limiter } from './limiter.js';
import type { AskingLimits } from './limits.js';
import { endpointRefused, endpointSilent, endpointUnavailable, waitWords } from './refusals.js';

/** `lasting`: the server will never take this record; else it failed to answer, while it answered others. */
export type Settled = (Answer & { milliseconds: number }) | { outcome: 'excluded'; reason: string; lasting: boolean };

interface AskerOptions {
  chat: Chat;
  endpoint: Endpoint;
  decoding: Decoding;
  concurrency: number;
  limits: AskingLimits;
  clock: Clock;
  signal: AbortSignal;
  metrics?: Metrics | undefined;
}

interface Attempt {
  fault: Judgement;
  settled: Settled | null;
}

export class Asker {
  /** Items that pause before their next try. */
  waiting = 0;
  private answered = 0;
  /** Records that the server would not take since it last answered one. */
  private skipped = 0;
  private lastAnswerAt: number;
  private readonly limiter: Limiter;
  private readonly options: AskerOptions;

  constructor(options: AskerOptions) {
    const { clock, signal, concurrency } = options;
    this.options = options;
    this.limiter = new Limiter({ maximum: concurrency, clock, signal });
    this.lastAnswerAt = clock.now();
  }

  /**
   * Resolves with the answer, or with `excluded` where this record alone gets none. Throws EndpointRefused when a person
   * must act, EndpointUnavailable when nobody is answered, and the signal's reason when it is aborted.
   */
  async ask(messages: () => Promise<ChatMessages>): Promise<Settled> {
    const answeredBefore = this.answered;
    const began = this.options.clock.now();
    for (let tries = 0, waits = 0; ; ) {
      const { fault, settled } = await this.attempt(messages);
      if (settled) return settled;
      if (fault.act === 'stop-all') throw endpointRefused(this.options.endpoint, fault);
      if (fault.act === 'skip-record') return await this.skip(fault);
      if (fault.act === 'wait-and-retry') waits += 1;
      else tries += 1;
      if (fault.act === 'wait-and-retry' && (await this.isSlowedAlone(began)))
        return excludedAlone(fault, `${this.options.limits.longestWaitSeconds} s`);
      if (tries >= this.triesFor(fault)) return await this.exclude(fault, tries, answeredBefore);
      await this.waitAfter(fault, tries + waits);
    }
  }

  private async attempt(messages: () => Promise<ChatMessages>): Promise<Attempt> {
    const { chat, decoding, clock, signal } = this.options;
    const permit = await this.limiter.acquire();
    let went: 'well' | 'slower' | 'neither' = 'neither';
    try {
      const rendered = await messages();
      const began = clock.now();
      const reply = await chat.complete(rendered, decoding, signal);
      const { fault, answer } = readReply(reply, clock.now());
      this.count(fault, answer, clock.now() - began);
      if (fault.slower) went = 'slower';
      if (fault.act === 'wait-and-retry') this.limiter.pause(this.boundedWait(fault));
      if (answer === null) return { fault, settled: null };
      went = 'well';
      this.noteAnswer();
      return { fault, settled: { ...answer, milliseconds: clock.now() - began } };
    } finally {
      this.limiter.release(permit, went);
    }
  }

  /** A longer wait ends all calls; until then none may sleep for it. */
  private boundedWait({ waitMilliseconds }: Judgement): number {
    return Math.min(waitMilliseconds ?? 0, this.options.limits.longestWaitSeconds * 1000);
  }

  private count({ reason }: Judgement, answer: Answer | null, milliseconds: number): void {
    const { endpoint, metrics: counted = noMetrics } = this.options;
    const served = endpoint.server === null ? 'endpoint' : 'anneal';
    counted.add(metrics.vlmCalls, 1, { served, outcome: answer?.outcome ?? reason });
    counted.record(metrics.vlmSeconds, milliseconds / 1000, { served });
    counted.add(metrics.vlmTokens, answer?.promptTokens ?? 0, { served, direction: 'prompt' });
    counted.add(metrics.vlmTokens, answer?.completionTokens ?? 0, { served, direction: 'answer' });
  }

  private triesFor({ reason }: Judgement): number {
    const { tries, serverErrorTries } = this.options.limits;
    return reason === 'status500' ? serverErrorTries : tries;
  }

  private async skip(fault: Judgement): Promise<Settled> {
    this.skipped += 1;
    if (this.skipped >= this.options.limits.skippedInARow) await this.requireEndpoint(fault);
    return { outcome: 'excluded', reason: `${fault.reason}: ${fault.words}`, lasting: true };
  }

  /** So many in a row may be a key, a model or a setting that has changed: then the control question is not taken either. */
  private async requireEndpoint(fault: Judgement): Promise<void> {
    this.skipped = 0;
    if (fault.reason === 'invalidRequest' && this.answered === 0) throw endpointRefused(this.options.endpoint, fault);
    const control = await this.attemptControl();
    if (control.act === 'stop-all' || control.act === 'skip-record')
      throw endpointRefused(this.options.endpoint, control);
  }

  /** A record is at fault only if the endpoint answers others: some since its first try, or the control question now. */
  private async exclude(fault: Judgement, tries: number, answeredBefore: number): Promise<Settled> {
    if (this.answered === answeredBefore && !isAnswer(await this.attemptControl())) {
      const silent = this.answered === 0 ? endpointSilent : endpointUnavailable;
      throw silent(this.options.endpoint, fault, `${tries} tries`);
    }
    return excludedAlone(fault, `${tries} tries`);
  }

  /** Some servers say "slow down" of a request that is above their pace by itself, for ever; another is answered meanwhile. */
  private async isSlowedAlone(began: number): Promise<boolean> {
    const { clock, limits } = this.options;
    if (clock.now() - began <= limits.longestWaitSeconds * 1000) return false;
    return isAnswer(await this.attemptControl());
  }

  private async attemptControl(): Promise<Judgement> {
    const { chat, clock, signal } = this.options;
    const reply = await chat.complete(await controlMessages(1), controlDecoding, signal);
    const { fault, answer } = readReply(reply, clock.now());
    if (answer !== null) this.noteAnswer();
    return fault;
  }

  private noteAnswer(): void {
    this.answered += 1;
    this.skipped = 0;
    this.lastAnswerAt = this.options.clock.now();
  }

  private async waitAfter(fault: Judgement, tried: number): Promise<void> {
    const { clock, signal, limits, endpoint } = this.options;
    const asked = fault.waitMilliseconds ?? 0;
    const silent = clock.now() - this.lastAnswerAt;
    const longest = limits.longestWaitSeconds * 1000;
    if (asked > longest) throw endpointUnavailable(endpoint, fault, waitWords(asked, clock.now()));
    if (silent > longest) throw endpointUnavailable(endpoint, fault, `no answer for ${Math.round(silent / 1000)} s`);
    this.waiting += 1;
    try {
      await clock.sleep(Math.max(asked, backOff(tried, limits, clock.random())), signal);
    } finally {
      this.waiting -= 1;
    }
  }
}

function isAnswer({ act }: Judgement): boolean {
  return act === 'use' || act === 'mark';
}

function excludedAlone({ reason, words }: Judgement, tried: string): Settled {
  const why = `${reason}, ${tried}, while others were answered: ${words}`;
  return { outcome: 'excluded', reason: why, lasting: false };
}
