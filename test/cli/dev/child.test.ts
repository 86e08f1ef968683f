import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KeptChild } from '../../../cli/dev/child.js';
import { makeRoot, removeRoot } from './supervisor.js';

const backoff = { firstMilliseconds: 20, longestMilliseconds: 80, healthyMilliseconds: 60_000 };

describe('keeping a child running', () => {
  let folder: string;
  let said: string[];

  beforeEach(async () => {
    folder = await makeRoot();
    said = [];
  });
  afterEach(() => removeRoot(folder));

  const keep = (script: string, name = 'worker-x') =>
    new KeptChild(
      { name, command: process.execPath, args: ['-e', script], env: process.env, cwd: folder, graceSeconds: 1 },
      { logFolder: folder, say: (line) => said.push(line), backoff },
    );

  it('waits twice as long before every restart, up to the longest', async () => {
    const child = keep('process.send({ ready: true }); setTimeout(() => process.exit(7), 50)');
    await child.ready;
    while (said.filter((line) => line.includes('starts again')).length < 5)
      await new Promise((wait) => setTimeout(wait, 20));
    await child.stop(AbortSignal.timeout(1000));
    const delays = said.map((line) => /exit code 7\); it starts again in ([\d.]+) s/.exec(line)?.[1]).filter(Boolean);
    expect(delays.slice(0, 5)).toEqual(['0.02', '0.04', '0.08', '0.08', '0.08']);
  });

  it('gives up on one that dies three times before it was ever ready, with its last words', async () => {
    const child = keep('console.error("no such module"); process.exit(1)');
    await expect(child.ready).rejects.toMatchObject({
      problem: {
        type: 'EngineUnavailable',
        what: 'worker-x ended 3 times before it was ready, at last with exit code 1: no such module',
      },
    });
  });

  it('puts all its output into its log', async () => {
    const child = keep(
      'console.log("out"); console.error("err"); process.send({ ready: true }); setInterval(() => 0, 1000)',
    );
    await child.ready;
    await child.stop(AbortSignal.timeout(1000));
    expect(await readFile(path.join(folder, 'worker-x.log'), 'utf8')).toBe('out\nerr\n');
  });

  it('kills one that does not heed SIGTERM, at once where it is hurried', async () => {
    const child = keep('process.on("SIGTERM", () => 0); process.send({ ready: true }); setInterval(() => 0, 1000)');
    await child.ready;
    const hurry = new AbortController();
    const stopped = child.stop(hurry.signal);
    hurry.abort();
    expect(await stopped).toBe(true);
  });

  it('does not start one again that was stopped', async () => {
    const child = keep('process.send({ ready: true }); setInterval(() => 0, 1000)');
    await child.ready;
    await child.stop(AbortSignal.timeout(1000));
    await new Promise((wait) => setTimeout(wait, 150));
    expect(said).toEqual([]);
    expect(await child.stop(AbortSignal.timeout(1000))).toBe(false);
  });
});
