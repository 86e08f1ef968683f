import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { childEnvironment, endProcess, logTail, spawnDetached } from '../../../activities/processes/detached.js';
import { identityOf, isLiving, ownIdentity } from '../../../activities/processes/identity.js';

async function commandOf(script: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-process-'));
  return {
    program: '/bin/sh',
    arguments: ['-c', script],
    environment: childEnvironment({}),
    log: path.join(folder, 'log'),
  };
}

describe('spawnDetached', () => {
  it('never begins when its identity could not be written down', async () => {
    const command = await commandOf('echo begun');
    let identity = await ownIdentity();
    const refusal = spawnDetached(command, async (started) => {
      identity = started;
      throw new Error('disk full');
    });
    await expect(refusal).rejects.toThrow('disk full');
    await expect(endProcess(identity)).resolves.toBeUndefined();
    expect(await logTail(command.log)).toBe('');
  });

  it('tells how the process ended, and what it printed', async () => {
    const command = await commandOf('echo out; echo error >&2; exit 3');
    const { ended } = await spawnDetached(command, async () => undefined);
    expect(await ended).toEqual({ code: 3, signal: null });
    expect(await logTail(command.log)).toBe('out\nerror');
  });

  it('keeps our process up until the end of a process that is joined', async () => {
    const command = await commandOf('sleep 0.5; exit 3');
    const script = `
import { spawnDetached } from ${JSON.stringify(new URL('../../../activities/processes/detached.ts', import.meta.url))};
const spawned = await spawnDetached(${JSON.stringify(command)}, async () => undefined);
console.log((await spawned.join()).code);`;
    const options = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, options, {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stdout).toBe('3\n');
  });

  it('passes neither keys nor our own settings on', () => {
    process.env['OPENAI_API_KEY'] = 'secret';
    expect(Object.keys(childEnvironment({ HF_HUB_OFFLINE: '1' }))).toEqual(
      expect.arrayContaining(['PATH', 'HF_HUB_OFFLINE']),
    );
    expect(childEnvironment({})).not.toHaveProperty('OPENAI_API_KEY');
    expect(childEnvironment({})).not.toHaveProperty('NODE_OPTIONS');
  });
});

describe('process identity', () => {
  it('tells a process from a later one with the same id', async () => {
    const own = await ownIdentity();
    expect(await isLiving(own)).toBe(true);
    expect(await isLiving({ ...own, startedAt: 'earlier' })).toBe(false);
    expect(await identityOf(2 ** 22 - 1)).toBeNull();
  });

  it('takes a process that ended by force as gone', async () => {
    const command = await commandOf('trap "" TERM; sleep 60 & wait; wait');
    const { process } = await spawnDetached(command, async () => undefined);
    await endProcess(process, { patienceSeconds: 0.3 });
    expect(await isLiving(process)).toBe(false);
  });
});

describe('logTail', () => {
  it('begins with a whole line', async () => {
    const { log } = await commandOf('');
    await writeFile(log, `${'x'.repeat(3000)}\nlast line\n`);
    expect(await logTail(log)).toBe('last line');
    expect((await readFile(log, 'utf8')).length).toBeGreaterThan(2048);
  });
});
