/** A real Prometheus (Debian's package) of this machine, on the loopback alone. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from '../cli/dev/supervisor.js';
import { repository, snippets } from '../docs/pages.js';

export async function hasPrometheus(): Promise<boolean> {
  return promisify(execFile)('prometheus', ['--version']).then(
    () => true,
    () => false,
  );
}

const Answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
export type Series = { labels: Record<string, string>; value: number };

export class Prometheus {
  private readonly url: string;
  private readonly folder: string;
  private readonly child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.url = url;
    this.folder = folder;
    this.child = child;
  }

  /** By the command of docs/observability.md and its configuration, but for where the workers are and how often they are asked. */
  static async start(targets: readonly string[]): Promise<Prometheus> {
    const folder = await mkdtemp(path.join(tmpdir(), 'anneal-prometheus-'));
    const [shown] = snippets('text').filter(({ of }) => of === 'prometheus');
    const [program = '', configuration = '', listen = ''] = shown?.text.trim().split(' ') ?? [];
    const [named = '', file = ''] = configuration.split('=');
    const ours = await readFile(path.join(repository, file), 'utf8');
    const config = ours
      .replace(/targets: \[.*\]/, `targets: ${JSON.stringify(targets)}`)
      .replace('scrape_interval: 15s', 'scrape_interval: 1s');
    await writeFile(path.join(folder, 'prometheus.yml'), config);
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [`${named}=prometheus.yml`, '--storage.tsdb.path=data', listen.replace('127.0.0.1:9090', address)],
      { cwd: folder, stdio: 'ignore' },
    );
    const prometheus = new Prometheus(`http://${address}`, folder, child);
    for (let tries = 0; !(await prometheus.ready()); tries += 1) {
      if (child.exitCode !== null || tries > 150) throw new Error(`Prometheus did not begin (${child.exitCode}).`);
      await pause(100);
    }
    return prometheus;
  }

  /** Throws where the query is refused. */
  async query(expression: string): Promise<Series[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    if (!response.ok) throw new Error(`${expression}: ${await response.text()}`);
    const { data } = Answer.parse(await response.json());
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<boolean> {
    return fetch(`${this.url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
