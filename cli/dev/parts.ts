/** What the real engine is made of: the installed Temporal CLI and Python, the worker processes, the report server. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { taskQueues } from '../../config/queues.js';
import { runsFolder } from '../paths.js';
import { setUp } from '../setup/index.js';
import type { Shell } from '../shell.js';
import type { EngineParts } from './engine.js';
import { metricsAddress } from './metrics.js';

const workers = Object.keys(taskQueues);

/** Installs what is missing, and says so. */
export async function engineParts({ env, root }: Shell, say: (line: string) => void): Promise<EngineParts> {
  const metrics = env['ANNEAL_METRICS'] || null;
  if (metrics !== null) metricsAddress(metrics, workers.length - 1);
  const { python, temporal } = await setUp(say);
  const workerEnv = { ...env, ANNEAL_PYTHON: python, ANNEAL_PACKAGE: packageFolder };
  return {
    temporal,
    worker: (name) => ({
      command: process.execPath,
      args: [...program('workers', 'run'), name],
      env:
        metrics === null ? workerEnv : { ...workerEnv, ANNEAL_METRICS: metricsAddress(metrics, workers.indexOf(name)) },
    }),
    async startReports({ port, host }) {
      const { startReportServer } = await import('../../activities/report/server.js');
      return startReportServer({ root: runsFolder(root), port, host });
    },
    endProcesses: (hurry) => endRunProcesses(runsFolder(root), hurry),
  };
}

/** Arguments to Node for another program of ours: compiled as this one is, or translated as it is loaded. */
function program(...names: string[]): string[] {
  const here = fileURLToPath(import.meta.url);
  const file = `${path.resolve(here, '..', '..', '..', ...names)}${path.extname(here)}`;
  return file.endsWith('.ts') ? ['--import', import.meta.resolve('tsx'), file] : [file];
}

/** Trainers write a checkpoint and model servers close their requests; at once when `hurry` comes. */
async function endRunProcesses(runs: string, hurry: AbortSignal): Promise<string[]> {
  const { endLocalProcesses } = await import('../../activities/processes/living.js');
  const killing: Promise<unknown>[] = [];
  const kill = () => killing.push(endLocalProcesses(runs, 'kill'));
  hurry.addEventListener('abort', kill, { once: true });
  const ended = await endLocalProcesses(runs, hurry.aborted ? 'kill' : 'checkpoint');
  hurry.removeEventListener('abort', kill);
  await Promise.all(killing);
  return ended.map(({ kind, where, process: { pid } }) => `${kind} ${path.relative(runs, where)} (process ${pid})`);
}
