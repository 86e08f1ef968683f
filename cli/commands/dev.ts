/** `anneal dev`: the engine of this folder, in the foreground. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import type { EngineFacts } from '../dev/engineFile.js';
import { printResult, type Shell } from '../shell.js';
import { addEngineOptions, type EngineOptions, withEngineHere } from './engineOptions.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about =
  'Run the engine of this folder: a Temporal server, the workers and the report server, until Ctrl-C. What ' +
  'dies is started again; what it writes lies in .anneal/. Runs outlive it and go on when it is started ' +
  'again. With TEMPORAL_ADDRESS or a profile in temporal.toml that server is used instead of an embedded ' +
  'one.';

export function addDev(program: Command, run: Runner): void {
  const text = { summary: 'run the engine of this folder until Ctrl-C', about };
  addEngineOptions(subcommand(program, 'dev', text, 'anneal dev')).action(run(dev));
}

async function dev(shell: Shell, options: EngineOptions & JsonOption): Promise<number> {
  const { untilQuit } = await import('../dev/foreground.js');
  const interrupted = exitCodes.done; // Ending an engine is what Ctrl-C is for.
  return withEngineHere(shell, { ...options, interrupted }, async ({ facts, found, quit }) => {
    printEngine(shell, Boolean(options.json), facts, found);
    if (!found) await untilQuit(quit);
    return exitCodes.done;
  });
}

function printEngine(shell: Shell, json: boolean, facts: EngineFacts, found: boolean): void {
  const { pid, address, namespace, ui, reports, codec } = facts;
  printResult(shell, json, { pid, found, address, namespace, ui, reports, codec }, [
    found ? `The engine of this folder runs already (process ${pid}).` : 'The engine runs. Ctrl-C ends it.',
    `  runs      ${ui === null ? `Temporal at ${address}, namespace ${namespace}` : `${ui}/namespaces/${namespace}/workflows`}`,
    `  reports   ${reports}`,
    ...(codec ? [`  codec     ${codec}, which the page of runs reads them by`] : []),
    '  start one with: anneal run examples/digits',
  ]);
}
