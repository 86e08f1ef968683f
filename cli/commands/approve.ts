/** `anneal approve`: a person's word on a challenger that won. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import { addSaidBy, type Runner, type SaidBy, subcommand } from './shared.js';

const about = `Let the challenger of a round of retraining take the champion's place, or with --refuse keep the champion. The round
must wait for approval: "anneal status" shows what it asks. Afterwards "anneal champion rollback" takes a promotion back.`;

interface ApproveOptions extends SaidBy {
  refuse?: boolean;
}

export function addApprove(program: Command, run: Runner): void {
  const command = subcommand(
    program,
    'approve',
    { summary: 'let a challenger take over, or keep the champion', about },
    'anneal approve digits --why "the new answers were looked at"',
  )
    .argument('<run>', 'a round, its workflow’s id, or its task’s name (the newest)')
    .option('--refuse', 'the champion stays');
  addSaidBy(command, 'history').action(run(approve));
}

async function approve(shell: Shell, wanted: string, { refuse, by, why, json }: ApproveOptions): Promise<number> {
  const promote = !refuse;
  const { sendUpdate } = await import('../updates.js');
  const told = await sendUpdate(shell, wanted, { name: 'approve', input: { promote, by, why } });
  printResult(shell, Boolean(json), { ...told, promote }, [told.answer]);
  return exitCodes.done;
}
