/** `anneal cancel`: ends a run in order. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/problems.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about =
  'Cancel a run: its training writes a checkpoint and ends, its model server ends, its last report is written. Of a ' +
  'captioning the calls under way end, and what was received is kept.';

export function addCancel(program: Command, run: Runner): void {
  subcommand(program, 'cancel', { summary: 'end a run in order', about }, 'anneal cancel digits')
    .argument('<run>', 'a run, its workflow’s id, or its task’s name (the newest)')
    .action(run(cancel));
}

async function cancel(shell: Shell, wanted: string, { json }: JsonOption): Promise<number> {
  const { withEngine } = await import('../engineClient.js');
  const { findOpenRun, handleOf, runName } = await import('../runs.js');
  return withEngine(shell, async ({ client }) => {
    const found = await findOpenRun(client, shell.root, wanted);
    const run = runName(found);
    await handleOf(client, found).cancel();
    const isCaptioning = found.type === 'captionImages';
    printResult(shell, Boolean(json), { run, cancelling: true }, [
      `Cancelling ${run}: ${isCaptioning ? 'what was received is kept' : 'a training that runs writes a checkpoint first'}.`,
    ]);
    return exitCodes.done;
  });
}
