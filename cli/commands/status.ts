/** `anneal status`: the runs, or one of them. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { askedBy } from '../answers.js';
import type { Reached } from '../engineClient.js';
import { columns, printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about = `List the runs of this folder, the newest first; with a run, its step and decisions. On a terminal, while a run is
open, a live view: how far it is, its losses, its budget, what it asks and how to answer; Ctrl-C leaves it. Without an
engine the runs are read from their reports in .anneal/runs, and with ANNEAL_STORE from those of other machines.`;

interface StatusOptions extends JsonOption {
  once?: boolean;
}

export function addStatus(program: Command, run: Runner): void {
  subcommand(program, 'status', { summary: 'list the runs, or show one', about }, 'anneal status digits')
    .argument('[run]', 'a run, its workflow’s id, or its task’s name (the newest)')
    .option('--once', 'print it once, as where there is no terminal')
    .action(run(status));
}

async function status(shell: Shell, wanted: string | undefined, { json, once }: StatusOptions): Promise<number> {
  const { bringUnlessAway, reachOrNull } = await import('../status.js');
  const engine = await reachOrNull(shell);
  try {
    await bringUnlessAway(shell, engine);
    const { terminal } = shell;
    if (engine !== null && terminal && !json && !once) await live(shell, engine, { terminal, wanted });
    else await printStatus(shell, engine, { wanted, json: Boolean(json) });
    return exitCodes.done;
  } finally {
    await engine?.close();
  }
}

async function live(
  shell: Shell,
  engine: Reached,
  { terminal, wanted }: { terminal: NodeJS.WriteStream; wanted: string | undefined },
): Promise<void> {
  const { showLive } = await import('../liveStatus.js');
  const quit = new AbortController();
  const leave = () => quit.abort();
  process.once('SIGINT', leave);
  await showLive(shell, engine, { wanted, terminal, quit: quit.signal }).finally(() => process.off('SIGINT', leave));
}

async function printStatus(
  shell: Shell,
  engine: Reached | null,
  { wanted, json }: { wanted: string | undefined; json: boolean },
): Promise<void> {
  const { runStatus, runsStatus } = await import('../status.js');
  if (wanted === undefined) {
    const runs = await runsStatus(shell, engine);
    const rows = runs.map(({ run, state, step, started, verdict }) => [run, state, step, started, verdict]);
    const asking = runs.filter(({ question }) => question !== null);
    const table = columns([['RUN', 'STATE', 'STEP', 'STARTED', 'VERDICT'], ...rows]);
    const lines =
      runs.length > 0 ? [...table, ...asking.flatMap(({ run, question }) => askedLines(run, question))] : [];
    if (runs.length === 0) shell.talk('There is no run yet. Start one: anneal run examples/digits');
    printResult(shell, json, { runs }, lines);
    return;
  }
  const found = await runStatus(shell, engine, wanted);
  const { run, state, step, started, verdict, question, decisions, link, report, live } = found;
  printResult(shell, json, found, [
    `${run}: ${state}, step ${step}, started ${started}`,
    verdict,
    ...(live === null ? [] : [live]),
    ...askedLines(run, question),
    ...decisions.map(({ id, verdict: taken, reason }) => `  ${id}: ${taken}. ${reason}`),
    ...(link === null ? [] : [`Watch:  ${link}`]),
    ...(report === null ? [] : [`Report: ${report}`]),
  ]);
}

function askedLines(run: string, question: string | null): string[] {
  if (question === null) return [];
  const { text, lines } = askedBy(question, run);
  return [`${run} asks a person: ${text}`, ...lines.map((line) => `  Answer: ${line}`)];
}
