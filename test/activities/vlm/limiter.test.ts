import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../../activities/vlm/clock.js';
import { backOff, Limiter } from '../../../activities/vlm/limiter.js';
import { retryAfter } from '../../../activities/vlm/retryAfter.js';

/** A clock that jumps: a sleep ends at once, later. */
function jumpingClock(): Clock & { slept: number[] } {
  let time = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    random: () => 1,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      time += milliseconds;
    },
  };
}

function limiterOf({ maximum = 8, clock = jumpingClock(), signal = new AbortController().signal } = {}) {
  return new Limiter({ maximum, clock, signal });
}

async function goWell(limiter: Limiter, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) limiter.release(await limiter.acquire(), 'well');
}

describe('Limiter', () => {
  it('begins with one call and reaches its maximum while all goes well', async () => {
    const limiter = limiterOf({ maximum: 8 });
    expect(limiter.current).toBe(1);
    await goWell(limiter, 20);
    expect(limiter.current).toBe(8);
  });

  it('halves once for a burst of faults of the same round, and grows by one a round after that', async () => {
    const limiter = limiterOf();
    await goWell(limiter, 20);
    const burst = await Promise.all(Array.from({ length: 8 }, () => limiter.acquire()));
    for (const permit of burst) limiter.release(permit, 'slower');
    expect(limiter.current).toBe(4);
    await goWell(limiter, 5);
    expect(limiter.current).toBe(5);
  });

  it('never falls below one call', async () => {
    const limiter = limiterOf();
    for (let call = 0; call < 5; call += 1) limiter.release(await limiter.acquire(), 'slower');
    expect(limiter.current).toBe(1);
  });

  it('starts no call during a pause', async () => {
    const clock = jumpingClock();
    const limiter = limiterOf({ clock });
    limiter.pause(2000);
    await limiter.acquire();
    expect(clock.slept).toEqual([2000]);
    expect(clock.now()).toBe(2000);
  });

  it('rejects those who wait when it is cancelled', async () => {
    const stop = new AbortController();
    const limiter = limiterOf({ signal: stop.signal });
    await limiter.acquire();
    const second = limiter.acquire();
    await wait(1);
    stop.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
  });
});

describe('backOff', () => {
  const limits = { firstPauseSeconds: 0.5, longestPauseSeconds: 30 };

  it('doubles with each try up to the longest pause', () => {
    expect([1, 2, 3, 12].map((tried) => backOff(tried, limits, 1))).toEqual([500, 1000, 2000, 30_000]);
  });

  it('takes off half at most by chance', () => {
    expect(backOff(1, limits, 0)).toBe(250);
  });
});

describe('retryAfter', () => {
  const now = Date.parse('2026-11-25T10:00:00Z');

  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': 'Wed, 25 Nov 2026 10:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Wed, 25 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '120', 'retry-after': '2' }, 120],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': 'tomorrow 1' }, null],
    [{ 'retry-after': '-5' }, 0],
    [{ 'retry-after': '86400' }, 86_400_000],
    [{ 'retry-after': '2026-11-25T10:00:30Z' }, 30_000],
    [{}, null],
  ])('reads %j as %p milliseconds', (headers: Record<string, string>, milliseconds) => {
    expect(retryAfter(new Headers(headers), now)).toBe(milliseconds);
  });
});
