import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from '../../../cli/setup/lock.mjs';
import { temporaryFolder } from './folders.js';

const lockModule = pathToFileURL(path.resolve(import.meta.dirname, '../../../cli/setup/lock.mjs')).href;

/** A process that takes the lock, notes "in", holds it so long, and notes "out". */
function holder(folder: string, diary: string, milliseconds: number): ChildProcess {
  const code = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    import { withLock } from '${lockModule}';
    await withLock(${JSON.stringify(folder)}, () => undefined, async () => {
      appendFileSync(${JSON.stringify(diary)}, 'in ' + process.pid + '\\n');
      await setTimeout(${milliseconds});
      appendFileSync(${JSON.stringify(diary)}, 'out ' + process.pid + '\\n');
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' });
}

describe('withLock', () => {
  it('lets one process in at a time, also when eight come at once to a lock whose holder died', async () => {
    const folder = path.join(await temporaryFolder(), 'lock');
    const diary = path.join(folder, '..', 'diary');
    await mkdir(folder);
    await symlink('999999999', path.join(folder, '1'));
    const processes = Array.from({ length: 8 }, () => holder(folder, diary, 20));
    await Promise.all(processes.map((child) => once(child, 'exit')));
    const lines = (await readFile(diary, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(16);
    for (let at = 0; at < lines.length; at += 2) {
      expect(lines[at + 1]).toBe(lines[at]?.replace('in', 'out'));
    }
  });

  it('is taken over from a holder that was killed', async () => {
    const folder = path.join(await temporaryFolder(), 'lock');
    const diary = path.join(folder, '..', 'diary');
    await mkdir(folder);
    await writeFile(diary, '');
    const child = holder(folder, diary, 60_000);
    while ((await readFile(diary, 'utf8')) === '') await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(
      await withLock(
        folder,
        () => undefined,
        async () => 'ours',
      ),
    ).toBe('ours');
  });

  it('says whom it waits for, and is let go when the work fails', async () => {
    const folder = path.join(await temporaryFolder(), 'lock');
    const waited: number[] = [];
    let fail: (error: Error) => void = () => undefined;
    const first = withLock(
      folder,
      () => undefined,
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = withLock(
      folder,
      (pid) => waited.push(pid),
      async () => 'second',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    fail(new Error('no network'));
    await expect(first).rejects.toThrow('no network');
    expect(await second).toBe('second');
    expect(waited).toEqual([process.pid]);
  });
});
