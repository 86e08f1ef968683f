/**
 * A supervisor with stub workers: what `anneal dev` does, without set-up. Arguments: root, Temporal CLI and its version,
 * ports as JSON. Prints JSON lines: what it says, when it is ready, what it ended.
 */
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../../cli/dev/start.js';
import { ProblemError } from '../../../config/problems.js';

const [root = '', temporal = '', version = '', ports = '{}'] = process.argv.slice(2);
const stub = fileURLToPath(new URL('./stubWorker.mjs', import.meta.url));
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

const quit = new AbortController();
process.once('SIGTERM', () => quit.abort(new Error('told to end')));

async function supervise(): Promise<void> {
  const parts = {
    temporal: { path: temporal, version },
    worker: (name: string) => ({ command: process.execPath, args: [stub, name], env: process.env }),
    startReports: async ({ host, port }: { host: string; port: number }) => ({
      url: `http://${host}:${port}`,
      close: async () => undefined,
    }),
    endProcesses: async () => [],
  };
  const options = { root, ports: JSON.parse(ports) as Record<string, number>, env: process.env, parts };
  const started = await startEngine({ ...options, say: (line) => print({ said: line }) }, quit.signal);
  if ('found' in started) {
    print({ found: started.found });
    return;
  }
  print({ ready: started.engine.facts });
  if (!quit.signal.aborted) await new Promise((resolve) => quit.signal.addEventListener('abort', resolve));
  print({ ended: await started.engine.stop(AbortSignal.timeout(20_000)) });
}

await supervise().catch((error: Error) => {
  print({ failed: error instanceof ProblemError ? error.problem : error.message });
  process.exitCode = 1;
});
process.exit();
