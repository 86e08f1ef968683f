/** The fake endpoint as a process: started, asked for its counts, ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FakeOptions } from './script.js';
import type { FakeCounts } from './server.js';

export interface FakeEndpoint {
  baseUrl: string;
  child: ChildProcess;
  counts(): Promise<FakeCounts>;
  /** Forgets all calls. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFake(options: Partial<FakeOptions> = {}): Promise<FakeEndpoint> {
  const script = fileURLToPath(new URL('./server.ts', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env,
  });
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
  const { baseUrl } = JSON.parse(line) as { baseUrl: string };
  const root = baseUrl.replace(/\/v1$/, '');
  return {
    baseUrl,
    child,
    counts: async () => (await (await fetch(`${root}/counts`)).json()) as FakeCounts,
    forget: async () => void (await (await fetch(`${root}/forget`)).text()),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
