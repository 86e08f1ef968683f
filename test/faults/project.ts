/** The task that is run under faults, in a project folder of its own: the short one, or a whole example. */
import { cp, realpath } from 'node:fs/promises';
import path from 'node:path';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { makeRoot } from '../cli/dev/supervisor.js';

/** Two whole runs go on beside each other, and on two cores processes with two threads each mostly wait for each other. */
export const engineEnvironment: NodeJS.ProcessEnv = { OMP_NUM_THREADS: '1' };

export interface FaultTask {
  name: string;
  folder: string;
  /** A run that takes longer hangs. */
  runMinutes: number;
}

/** `ANNEAL_FAULTS_TASK=digits` takes that example instead; `npm run faults` does. */
export const faultTask: FaultTask = taskNamed(process.env['ANNEAL_FAULTS_TASK'] || 'bins');

function taskNamed(name: string): FaultTask {
  return name === 'bins'
    ? { name, folder: path.join(packageFolder, 'test/fixtures/tasks/bins'), runMinutes: 8 }
    : { name, folder: path.join(packageFolder, 'examples', name), runMinutes: 60 };
}

/** Returns the folder, by the name that the system calls it: processes are looked for by that. */
export async function makeProject(): Promise<string> {
  const root = await realpath(await makeRoot());
  await cp(faultTask.folder, path.join(root, faultTask.name), { recursive: true });
  return root;
}
