/** `anneal status`: the runs, or one of them. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { columns, printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about = `List the runs of this folder, the newest first; with a run, its step and decisions.
Without an engine the runs are read from their reports in .anneal/runs.`;

export function addStatus(program: Command, run: Runner): void {
  subcommand(program, 'status', { summary: 'list the runs, or show one', about }, 'anneal status digits')
    .argument('[run]', 'a run, its workflow’s id, or its task’s name (the newest)')
    .action(run(status));
}

async function status(shell: Shell, wanted: string | undefined, { json }: JsonOption): Promise<number> {
  const { runStatus, runsStatus } = await import('../status.js');
  if (wanted === undefined) {
    const runs = await runsStatus(shell);
    const rows = runs.map(({ run, state, step, started, verdict }) => [run, state, step, started, verdict]);
    const lines = runs.length > 0 ? columns([['RUN', 'STATE', 'STEP', 'STARTED', 'VERDICT'], ...rows]) : [];
    if (runs.length === 0) shell.talk('There is no run yet. Start one: anneal run examples/digits');
    printResult(shell, Boolean(json), { runs }, lines);
    return exitCodes.done;
  }
  const found = await runStatus(shell, wanted);
  const { run, state, step, started, verdict, question, decisions, link, report, live } = found;
  printResult(shell, Boolean(json), found, [
    `${run}: ${state}, step ${step}, started ${started}`,
    verdict,
    ...(live === null ? [] : [live]),
    ...(question === null ? [] : [`A person is asked: ${question}`]),
    ...decisions.map(({ id, verdict: taken, reason }) => `  ${id}: ${taken}. ${reason}`),
    ...(link === null ? [] : [`Watch:  ${link}`]),
    ...(report === null ? [] : [`Report: ${report}`]),
  ]);
  return exitCodes.done;
}
