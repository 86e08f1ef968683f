import path from 'node:path';
import { cacheFolder, progressLines, runCommand, thisMachine } from '../../../cli/setup/machine.js';
import { temporaryFolder } from './folders.js';

describe('cacheFolder', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/big/cache' }, 'linux', '/big/cache/anneal'],
    [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/ada/.cache/anneal'],
    [{}, 'linux', '/home/ada/.cache/anneal'],
    [{}, 'darwin', '/home/ada/Library/Caches/anneal'],
  ] as const)('with %j on %s is %s', (env, platform, folder) => {
    expect(cacheFolder({ env, platform, home: '/home/ada' })).toBe(folder);
  });
});

describe('runCommand', () => {
  it('gives the exit code and the last lines of both outputs, and tells each line as it comes', async () => {
    const told: string[] = [];
    const { code, lines } = await runCommand(
      'sh',
      ['-c', 'for i in $(seq 50); do echo $i; done; echo oh >&2; exit 3'],
      {
        onLine: (line) => told.push(line),
      },
    );
    expect(code).toBe(3);
    expect(told).toHaveLength(51);
    expect(lines).toHaveLength(40);
    expect(lines).toContain('oh');
  });

  it('gives 127 for a program that is not there', async () => {
    expect(await runCommand('/nowhere/program', [])).toMatchObject({ code: 127 });
  });
});

describe('thisMachine', () => {
  it('knows the free space of a folder that is not made yet', async () => {
    const free = await thisMachine().freeBytes(path.join(await temporaryFolder(), 'not', 'made', 'yet'));
    expect(free).toBeGreaterThan(0);
  });
});

describe('progressLines', () => {
  it('puts the time of day before each line', () => {
    const written: string[] = [];
    progressLines({ write: (text: string | Uint8Array) => written.push(String(text)) > 0 })('installing');
    expect(written).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d {2}installing\n$/)]);
  });
});
