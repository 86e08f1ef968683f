/** `anneal champion rollback`: an earlier champion in place of the present one. */
import os from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../../../config/problems.js';
import { printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about =
  'Put the champion of before back, or that of a version. It takes effect at once; whoever serves champion.json must load ' +
  'the model it names. With --to, the same command again changes nothing.';

interface RollbackOptions extends JsonOption {
  why: string;
  by: string;
  to?: number;
}

export function addRollback(champion: Command, run: Runner): void {
  subcommand(
    champion,
    'rollback',
    { summary: 'put an earlier champion back', about },
    'anneal champion rollback digits --why "complaints since Monday"',
  )
    .argument('<task>', 'its name, or its folder')
    .requiredOption('--why <reason>', 'your reason, for the history')
    .option('--to <version>', 'the version whose champion is put back (default: the one before)', version)
    .option('--by <name>', 'who you are', os.userInfo().username)
    .action(run(rollback));
}

function version(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('A version is a whole number from 1 up.');
}

async function rollback(shell: Shell, wanted: string, { to, by, why, json }: RollbackOptions): Promise<number> {
  const { rollBack } = await import('../../../activities/champions/rollBack.js');
  const { championsOf } = await import('../../champions.js');
  const { folder, shared } = await championsOf(shell, wanted);
  const entry = await rollBack(folder, { to, by, why }, shared);
  printResult(shell, Boolean(json), entry, [
    `Version ${entry.version}: ${entry.reason}`,
    `Model:  ${entry.champion?.modelUri}`,
  ]);
  return exitCodes.done;
}
