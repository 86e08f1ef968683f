/** `anneal overrule`: a person's verdict in place of the recipe's. */
import os from 'node:os';
import type { Command } from 'commander';
import type { Overrule } from '../../config/decisions.js';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about = `Replace the verdict of a decision, taken or still to come, while the run goes on; it goes on from there.
The report shows both verdicts, who overruled and why. "anneal status <run>" lists the decisions.`;

interface OverruleOptions extends JsonOption {
  why: string;
  by: string;
}

export function addOverrule(program: Command, run: Runner): void {
  subcommand(
    program,
    'overrule',
    { summary: 'replace the verdict of a decision', about },
    'anneal overrule digits promptFirst notEnough --why "the gate’s sample is too easy"',
  )
    .argument('<run>', 'a run, its workflow’s id, or its task’s name (the newest)')
    .argument('<decision>', 'its id, such as promptFirst')
    .argument('<verdict>', 'what shall hold instead')
    .requiredOption('--why <reason>', 'your reason, for the report')
    .option('--by <name>', 'who you are', os.userInfo().username)
    .action(run(overrule));
}

async function overrule(
  shell: Shell,
  wanted: string,
  decision: string,
  verdict: string,
  { why, by, json }: OverruleOptions,
): Promise<number> {
  const { withEngine } = await import('../engineClient.js');
  const { findRun, handleOf, runName } = await import('../runs.js');
  return withEngine(shell, async ({ client }) => {
    const found = await findRun(client, shell.root, wanted);
    const update = { args: [{ decision, verdict, by, why }] as [Overrule] };
    const answer = await handleOf(client, found).executeUpdate<string, [Overrule]>('overrule', update);
    printResult(shell, Boolean(json), { run: runName(found), decision, verdict, answer }, [answer]);
    return exitCodes.done;
  });
}
