/** The task that is run under faults, in a project folder of its own: the short one, or a whole example. */
import { cp, realpath } from 'node:fs/promises';
import path from 'node:path';
import { packageFolder } from '../../cli/paths.js';
import { makeRoot } from '../cli/dev/supervisor.js';

export interface FaultTask {
  name: string;
  folder: string;
  /** A run that takes longer hangs. */
  runMinutes: number;
  /** Runs that share the machine. */
  runsAtOnce: number;
  /** For the engine, on top of ours. */
  env: NodeJS.ProcessEnv;
}

/** `ANNEAL_FAULTS_TASK=digits` takes that example instead; `npm run faults` does. */
export const faultTask: FaultTask = taskNamed(process.env['ANNEAL_FAULTS_TASK'] || 'bins');

function taskNamed(name: string): FaultTask {
  const example = { name, folder: path.join(packageFolder, 'examples', name), runMinutes: 60, runsAtOnce: 1, env: {} };
  if (name !== 'bins') return example;
  // A run keeps one core busy; two processes with two threads each on two cores mostly wait for each other.
  const short = { runMinutes: 8, runsAtOnce: 2, env: { OMP_NUM_THREADS: '1' } };
  return { name, folder: path.join(packageFolder, 'test/fixtures/tasks/bins'), ...short };
}

/** Returns the folder, by the name that the system calls it: processes are looked for by that. */
export async function makeProject(): Promise<string> {
  const root = await realpath(await makeRoot());
  await cp(faultTask.folder, path.join(root, faultTask.name), { recursive: true });
  return root;
}
