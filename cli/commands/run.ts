/** `anneal run`: starts a run on an engine that is there. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import {
  type JsonOption,
  type OnQuestion,
  onQuestionOption,
  type Runner,
  type SettingsOption,
  setOption,
  subcommand,
} from './shared.js';

const about =
  'Start a run: find the smallest thing that solves the task. Prints where to watch it, and returns. It is safe to ' +
  'close the terminal or to lose the machine. A run of the task that goes on already is found, not doubled.';

interface RunOptions extends JsonOption, SettingsOption {
  wait?: boolean;
  id?: string;
  again?: boolean;
  onQuestion?: OnQuestion;
}

export function addRun(program: Command, runner: Runner): void {
  subcommand(
    program,
    'run',
    { summary: 'start a run on the engine, or find the one that goes on', about },
    'anneal run examples/digits --wait --set sweep.epochs=2',
  )
    .argument('<task>', 'folder with a task.json')
    .option('--wait', 'follow the run and end with its exit code; 4 as soon as it waits for a person')
    .option('--again', 'run a finished task anew')
    .option('--id <id>', 'name of the workflow (default: boost-<name of the task>)')
    .addOption(onQuestionOption())
    .addOption(setOption())
    .action(runner(run));
}

async function run(shell: Shell, task: string, options: RunOptions): Promise<number> {
  const { withEngine } = await import('../engineClient.js');
  const { findTask, startRun, runName } = await import('../runs.js');
  const { tellStart, watchRun } = await import('../watch.js');
  const { reportLink, workflowLink } = await import('../links.js');
  const json = Boolean(options.json);
  await findTask(task, shell.root); // A task that can't be read is said before anything else.
  return withEngine(shell, async (engine) => {
    const { id, again, onQuestion, set } = options;
    const started = await startRun(engine.client, shell.root, { task, id, again, onQuestion, recipe: set });
    tellStart(shell, engine, started);
    if (options.wait || started.fate === 'finished') {
      const quit = new AbortController().signal; // Ctrl-C ends this command alone; the run goes on.
      return watchRun(shell, engine, started, { json, leaveAtQuestion: true, quit });
    }
    const { fate, workflowId, runId } = started;
    const name = runName(started);
    const link = workflowLink(engine, workflowId, runId);
    const result = { run: name, workflowId, runId, fate, link, report: reportLink(engine, shell.root, name) };
    printResult(shell, json, result, [name]);
    return exitCodes.done;
  });
}
