/** How many calls run at once: begins with one, doubles while all goes well, halves when told to slow down, then grows by one a round. */
import type { Clock } from './clock.js';

/** Leave to make one call. Belongs to the round in which it was given, so that a burst of 429s halves once, not eight times. */
export interface Permit {
  round: number;
}

interface Waiter {
  resolve(permit: Permit): void;
  reject(reason: unknown): void;
}

export class Limiter {
  private limit = 1;
  private active = 0;
  private round = 0;
  private pausedUntil = 0;
  private timer = false;
  private readonly waiters: Waiter[] = [];
  private readonly maximum: number;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;

  constructor({ maximum, clock, signal }: { maximum: number; clock: Clock; signal: AbortSignal }) {
    this.maximum = maximum;
    this.clock = clock;
    this.signal = signal;
    signal.addEventListener('abort', () => this.rejectAll(), { once: true });
  }

  /** Calls allowed at once now. */
  get current(): number {
    return Math.floor(this.limit);
  }

  /** Waits for its turn; rejects with the signal's reason. */
  acquire(): Promise<Permit> {
    this.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.pump();
    });
  }

  /** Gives the permit back and says how the call went. */
  release(permit: Permit, went: 'well' | 'slower' | 'neither'): void {
    this.active -= 1;
    if (went === 'well') this.limit = Math.min(this.maximum, this.limit + (this.round === 0 ? 1 : 1 / this.limit));
    if (went === 'slower' && permit.round === this.round) {
      this.limit = Math.max(1, Math.floor(this.limit / 2));
      this.round += 1;
    }
    this.pump();
  }

  /** No call starts for so many milliseconds from now. */
  pause(milliseconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + milliseconds);
  }

  private pump(): void {
    const pause = this.pausedUntil - this.clock.now();
    if (pause > 0) {
      this.pumpAfter(pause);
      return;
    }
    while (this.active < this.current) {
      const waiter = this.waiters.shift();
      if (!waiter) return;
      this.active += 1;
      waiter.resolve({ round: this.round });
    }
  }

  private pumpAfter(milliseconds: number): void {
    if (this.timer) return;
    this.timer = true;
    const wake = () => {
      this.timer = false;
      if (this.signal.aborted) this.rejectAll();
      else this.pump();
    };
    this.clock.sleep(milliseconds, this.signal).then(wake, wake);
  }

  private rejectAll(): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(this.signal.reason);
  }
}

/** Exponential pause with jitter between a half and the whole, in milliseconds. `tried` counts from 1. */
export function backOff(
  tried: number,
  { firstPauseSeconds, longestPauseSeconds }: { firstPauseSeconds: number; longestPauseSeconds: number },
  random: number,
): number {
  return 1000 * Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** (tried - 1)) * (0.5 + random / 2);
}
