/** How one worker process is kept, whoever keeps it. */
import type { ChildPlan } from './child.js';
import { serverEnvironment } from './server.js';

/** Workers drain quickly: a long activity is told to detach, its trainer goes on. */
const graceSeconds = 15;

export interface WorkerPlace {
  root: string;
  server: { address: string; namespace: string; external: boolean };
}

export function workerPlan(
  kind: string,
  { command, args, env }: Pick<ChildPlan, 'command' | 'args' | 'env'>,
  { root, server }: WorkerPlace,
): ChildPlan {
  const told = { ...serverEnvironment(env, server, server.external), ANNEAL_ROOT: root };
  return { name: `worker-${kind}`, command, args, env: told, cwd: root, graceSeconds };
}
