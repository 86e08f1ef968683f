/**
 * `anneal dev` with stub workers and without set-up. Arguments: root, Temporal CLI and its version, ports as JSON.
 * Prints JSON lines: what it says, and when it is ready or found another. STUB_ENDING=slow stands for a trainer that
 * writes its checkpoint until it is hurried.
 */
import { fileURLToPath } from 'node:url';
import type { EngineParts } from '../../../cli/dev/engine.js';
import { inForeground, untilQuit } from '../../../cli/dev/foreground.js';
import type { Shell } from '../../../cli/shell.js';
import { ProblemError } from '../../../config/problems.js';

const [root = '', path = '', version = '', ports = '{}'] = process.argv.slice(2);
const stub = fileURLToPath(new URL('./stubWorker.mjs', import.meta.url));
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

const parts: EngineParts = {
  temporal: { path, version },
  worker: (name) => ({ command: process.execPath, args: [stub, name], env: process.env }),
  startReports: async ({ host, port }) => ({ url: `http://${host}:${port}`, close: async () => undefined }),
  async endProcesses(hurry) {
    if (process.env['STUB_ENDING'] !== 'slow') return [];
    await untilQuit(hurry);
    return ['trainer'];
  },
};
const shell: Shell = { root, env: process.env, data: print, talk: (line) => print({ said: line.slice(10) }) };
const options = { shell, ports: JSON.parse(ports), interrupted: 5, parts: async () => parts };

process.exitCode = await inForeground(options, async ({ facts, found, quit }) => {
  print(found ? { found: facts } : { ready: facts });
  if (!found) await untilQuit(quit);
  return 0;
}).catch((error: Error) => {
  print({ failed: error instanceof ProblemError ? error.problem : error.message });
  return 3;
});
