/** `anneal champion list`: the history of a task's champions. */
import type { Command } from 'commander';
import { exitCodes } from '../../../config/problems.js';
import { columns, printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about = 'List the rounds of a task, the newest first: what came of each, and which model serves since.';

export function addChampionList(champion: Command, run: Runner): void {
  subcommand(champion, 'list', { summary: 'list the rounds of a task', about }, 'anneal champion list digits')
    .argument('<task>', 'its name, or its folder')
    .action(run(list));
}

async function list(shell: Shell, wanted: string, { json }: JsonOption): Promise<number> {
  const { championsOf } = await import('../../champions.js');
  const { task, history } = await championsOf(shell, wanted);
  const champion = history.at(-1)?.champion ?? null;
  const rows = history
    .toReversed()
    .map(({ version, at, verdict, champion: then, by, reason }) => [
      String(version),
      at.slice(0, 16),
      verdict,
      then?.run ?? 'none',
      by,
      reason,
    ]);
  printResult(shell, Boolean(json), { task, champion, history }, [
    ...columns([['VERSION', 'AT', 'VERDICT', 'CHAMPION', 'BY', 'REASON'], ...rows]),
    `Model:  ${champion?.modelUri ?? 'none yet'}`,
  ]);
  return exitCodes.done;
}
