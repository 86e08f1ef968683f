import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { childEnvironment, endProcess, spawnDetached } from '../../../activities/processes/detached.js';
import { Pulse } from '../../../activities/processes/pulse.js';

/** Whether a script was ever still, seen five times over its stall of half a second. */
async function wasStill(script: string): Promise<boolean> {
  const log = path.join(await mkdtemp(path.join(tmpdir(), 'anneal-process-')), 'log');
  const command = { program: '/bin/sh', arguments: ['-c', script], environment: childEnvironment({}), log };
  const { process } = await spawnDetached(command, async () => undefined);
  const pulse = new Pulse(process, log, 0.5);
  try {
    for (let look = 0; look < 5; look += 1) {
      if (await pulse.isStill()) return true;
      await sleep(200);
    }
    return false;
  } finally {
    await endProcess(process);
  }
}

describe('Pulse', () => {
  it('is still where a process sleeps', async () => {
    expect(await wasStill('sleep 60')).toBe(true);
  });

  it('is not where a child of it works without a word', async () => {
    expect(await wasStill('(while :; do :; done) & wait')).toBe(false);
  });

  it('is not where it speaks without working', async () => {
    expect(await wasStill('while sleep 0.1; do echo waiting; done')).toBe(false);
  });
});
