/** `npm run setup`: installs everything and ends. */
import { describeProblem, exitCodeOf, exitCodes, ProblemError } from '../../config/problems.js';
import { progressLines, setUp } from './index.js';

/** Prints what a run will use; the exit code tells whether it is all there. */
export async function main(): Promise<number> {
  try {
    const { python, temporal } = await setUp(progressLines());
    process.stdout.write(`Python    ${python}\nTemporal  ${temporal.path} (${temporal.version})\n`);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    process.stderr.write(`${describeProblem(error.problem)}\n`);
    return exitCodeOf(error.problem.type);
  }
}
