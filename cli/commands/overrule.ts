/** `anneal overrule`: a person's verdict in place of the recipe's. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import { addSaidBy, type Runner, type SaidBy, subcommand } from './shared.js';

const about = `Replace the verdict of a decision, taken or still to come, while the run goes on; it goes on from there.
The report shows both verdicts, who overruled and why. "anneal status <run>" lists the decisions.`;

export function addOverrule(program: Command, run: Runner): void {
  const command = subcommand(
    program,
    'overrule',
    { summary: 'replace the verdict of a decision', about },
    'anneal overrule digits promptFirst notEnough --why "the gate’s sample is too easy"',
  )
    .argument('<run>', 'a run, its workflow’s id, or its task’s name (the newest)')
    .argument('<decision>', 'its id, such as promptFirst')
    .argument('<verdict>', 'what shall hold instead');
  addSaidBy(command, 'report').action(run(overrule));
}

async function overrule(
  shell: Shell,
  wanted: string,
  decision: string,
  verdict: string,
  { why, by, json }: SaidBy,
): Promise<number> {
  const { sendUpdate } = await import('../updates.js');
  const told = await sendUpdate(shell, wanted, { name: 'overrule', input: { decision, verdict, by, why } });
  printResult(shell, Boolean(json), { ...told, decision, verdict }, [told.answer]);
  return exitCodes.done;
}
