/** `anneal champion`: which model serves a task, by which rounds, and back to an earlier one. */
import type { Command } from 'commander';
import { addChampionList } from './champion/list.js';
import { addRollback } from './champion/rollback.js';
import type { Runner } from './shared.js';

export function addChampion(program: Command, run: Runner): void {
  const champion = program
    .command('champion')
    .summary('show or roll back the model that serves a task')
    .description(
      'The champion of a task is the model that rounds of retraining chose to serve it. Its file, ' +
        '.anneal/champions/<task>/champion.json, is replaced whole, and every change stays in its history.',
    )
    .helpOption('-h, --help', 'print this help');
  addChampionList(champion, run);
  addRollback(champion, run);
}
