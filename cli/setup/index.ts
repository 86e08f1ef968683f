/** Everything that a run needs on this machine and Node doesn't bring. Costs milliseconds when nothing is missing. */
import { type Machine, type Progress, thisMachine } from './machine.js';
import { ensurePythonEnvironment } from './pythonEnvironment.js';
import { ensureTemporalCli, type TemporalCli } from './temporalCli.js';

export { type Progress, progressLines } from './machine.js';

export interface Installed {
  /** The interpreter that has the trainer's packages. */
  python: string;
  temporal: TemporalCli;
}

/**
 * Installs what is missing, and says so. Safe to run twice, at the same time, or again after it was killed at any point.
 * Throws NoSpace, SetUpFailed, or InvalidInput where an ANNEAL_… variable names the wrong thing.
 */
export async function setUp(progress: Progress, machine: Machine = thisMachine()): Promise<Installed> {
  const temporal = await ensureTemporalCli(progress, machine);
  const { python } = await ensurePythonEnvironment(progress, machine);
  return { python, temporal };
}
