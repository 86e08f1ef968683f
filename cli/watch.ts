/** Starting and following as commands do it: what is said at the beginning, while it goes on, and in the end. */
import { isThere } from '../activities/processes/there.js';
import { exitCodes } from '../config/problems.js';
import { engineStanding } from './dev/engineFile.js';
import type { Reached } from './engineClient.js';
import { endingOf, follow } from './follow.js';
import { reportLink, workflowLink } from './links.js';
import { outcomeOf, type RunPlace } from './outcome.js';
import { runsFolder } from './paths.js';
import { type RunStart, runName } from './runs.js';
import { printResult, type Shell, talkWithTime } from './shell.js';

export interface WatchOptions {
  json: boolean;
  leaveAtQuestion: boolean;
  quit: AbortSignal;
}

const fates = {
  started: 'Started',
  attached: 'It runs already: following',
  finished: 'It is finished, nothing was started (--again runs it anew):',
} as const;

/** The run's name and where to watch it, on stderr. */
export function tellStart(shell: Shell, engine: Reached, { fate, workflowId, runId, note }: RunStart): void {
  const run = runName({ workflowId, runId });
  const link = workflowLink(engine, workflowId, runId);
  shell.talk(`${fates[fate]} ${run}`);
  if (link !== null) shell.talk(`  watch    ${link}`);
  shell.talk(`  report   ${reportLink(engine, shell.root, run)}`);
  if (note !== null) shell.talk(`  note     ${note}`);
}

/** Follows a run to its end, prints what it came to, and returns the exit code. */
export async function watchRun(shell: Shell, engine: Reached, run: RunStart, options: WatchOptions): Promise<number> {
  const ending =
    run.fate === 'finished'
      ? await endingOf(run.handle)
      : await follow(engine, run.handle, {
          say: talkWithTime(shell),
          quit: options.quit,
          leaveAtQuestion: options.leaveAtQuestion,
          mayComeBack: () => mayComeBack(shell, engine),
        });
  if (ending === null) {
    shell.talk(`The run ${runName(run)} stays as it is; \`anneal dev\` or \`anneal start\` goes on with it.`);
    return exitCodes.cancelled;
  }
  const { facts, lines, exitCode } = outcomeOf(ending, await placeOf(shell, engine, run));
  printResult(shell, options.json, { ...facts, exitCode }, lines);
  return exitCode;
}

/** An embedded server comes back as long as its supervisor lives; of another server nothing is known. */
export async function mayComeBack({ root }: Shell, { ui }: Reached): Promise<boolean> {
  return ui === null || (await engineStanding(root)).kind !== 'none';
}

async function placeOf({ root }: Shell, engine: Reached, { workflowId, runId }: RunStart): Promise<RunPlace> {
  const run = runName({ workflowId, runId });
  const rendered = await isThere(`${runsFolder(root)}/${run}/report.html`);
  return { run, workflowId, runId, report: rendered ? reportLink(engine, root, run) : null };
}
