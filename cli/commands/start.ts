/** `anneal start`: set-up, engine, run and report in one. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import type { Foreground } from '../dev/foreground.js';
import { type Shell, talkWithTime } from '../shell.js';
import { addEngineOptions, type EngineOptions, withEngineHere } from './engineOptions.js';
import { type JsonOption, type Runner, type SettingsOption, setOption, subcommand } from './shared.js';

const about =
  'Do everything: install what is missing, start the engine, run the task, say where the report is. The ' +
  'engine stays until Ctrl-C. A run that is finished is shown, not repeated.';

interface StartOptions extends EngineOptions, JsonOption, SettingsOption {
  once?: boolean;
  again?: boolean;
}

export function addStart(program: Command, run: Runner): void {
  addEngineOptions(
    subcommand(
      program,
      'start',
      { summary: 'do everything: set-up, engine, the run, its report', about },
      'anneal start examples/digits --once',
    ),
  )
    .argument('[task]', 'folder with a task.json', 'examples/digits')
    .option('--once', 'end with the run, with its exit code; stop where a person would be asked')
    .option('--again', 'run a finished task anew')
    .addOption(setOption())
    .action(run(start));
}

async function start(shell: Shell, task: string, options: StartOptions): Promise<number> {
  const { findTask } = await import('../runs.js');
  await findTask(task, shell.root); // A task that can't be read is refused before anything is installed.
  const { untilQuit } = await import('../dev/foreground.js');
  return withEngineHere(shell, { ...options, interrupted: exitCodes.cancelled }, async (at) => {
    const exitCode = await runTask(shell, task, options, at);
    if (options.once || at.found || at.quit.aborted) return exitCode;
    talkWithTime(shell)('The engine stays up for more runs; Ctrl-C ends it.');
    await untilQuit(at.quit);
    return exitCode;
  });
}

async function runTask(shell: Shell, task: string, options: StartOptions, at: Foreground): Promise<number> {
  const { reachEngineAt } = await import('../engineClient.js');
  const { startRun } = await import('../runs.js');
  const { tellStart, watchRun } = await import('../watch.js');
  const engine = await reachEngineAt(at.facts, shell);
  try {
    const { once, again, set } = options;
    const wish = { task, again, recipe: set, ...(once ? { onQuestion: 'stop' as const } : {}) };
    const started = await startRun(engine.client, shell.root, wish);
    tellStart(shell, engine, started);
    return await watchRun(shell, engine, started, {
      json: Boolean(options.json),
      leaveAtQuestion: Boolean(once),
      quit: at.quit,
    });
  } finally {
    await engine.close();
  }
}
