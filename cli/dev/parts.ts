/** What the real engine is made of: the installed Temporal CLI and Python, the worker processes, the report server. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { taskQueues } from '../../config/queues.js';
import { nodeFlags } from '../../workers/kinds.js';
import { runsFolder } from '../paths.js';
import { setUp } from '../setup/index.js';
import type { Shell } from '../shell.js';
import type { EngineParts } from './engine.js';
import { metricsAddress } from './metrics.js';

const workers = Object.keys(taskQueues);

/** Installs what is missing, and says so. */
export async function engineParts({ env, root }: Shell, say: (line: string) => void): Promise<EngineParts> {
  if (env['ANNEAL_METRICS']) metricsAddress(env['ANNEAL_METRICS'], workers.length - 1);
  const { python, temporal } = await setUp(say);
  return {
    temporal,
    worker: (name) => workerProgram(name, { ...env, ANNEAL_PYTHON: python }, { place: workers.indexOf(name) }),
    async startReports({ port, host }) {
      const { startReportServer } = await import('../../activities/report/server.js');
      const { storedReportBringer } = await import('../storedReports.js');
      const bring = await storedReportBringer({ root, env }, say);
      return startReportServer({ root: runsFolder(root), port, host, bring });
    },
    endProcesses: (hurry) => endRunProcesses(runsFolder(root), hurry),
  };
}

/** What a worker is told beside its class. */
interface WorkerWish {
  /** Among the workers of one keeper: each tells its metrics at a port of its own. */
  place: number;
  buildId?: string | undefined;
}

/** The process of one worker. Throws InvalidInput where ANNEAL_METRICS is no address. */
export function workerProgram(
  kind: string,
  env: NodeJS.ProcessEnv,
  { place, buildId }: WorkerWish,
): ReturnType<EngineParts['worker']> {
  const metrics = env['ANNEAL_METRICS'] ? { ANNEAL_METRICS: metricsAddress(env['ANNEAL_METRICS'], place) } : {};
  return {
    command: process.execPath,
    args: [...(nodeFlags[kind] ?? []), ...program('workers', 'run'), kind, ...(buildId ? [buildId] : [])],
    env: { ...env, ...metrics, ANNEAL_PACKAGE: packageFolder },
  };
}

/** Arguments to Node for another program of ours: compiled as this one is, or translated as it is loaded. */
function program(...names: string[]): string[] {
  const here = fileURLToPath(import.meta.url);
  const file = `${path.resolve(here, '..', '..', '..', ...names)}${path.extname(here)}`;
  return file.endsWith('.ts') ? ['--import', import.meta.resolve('tsx'), file] : [file];
}

/** Trainers write a checkpoint and model servers close their requests; at once when `hurry` comes. */
export async function endRunProcesses(runs: string, hurry: AbortSignal): Promise<string[]> {
  const { endLocalProcesses } = await import('../../activities/processes/living.js');
  const killing: Promise<unknown>[] = [];
  const kill = () => killing.push(endLocalProcesses(runs, 'kill'));
  hurry.addEventListener('abort', kill, { once: true });
  const ended = await endLocalProcesses(runs, hurry.aborted ? 'kill' : 'checkpoint');
  hurry.removeEventListener('abort', kill);
  await Promise.all(killing);
  return ended.map(({ kind, where, process: { pid } }) => `${kind} ${path.relative(runs, where)} (process ${pid})`);
}
