/** `anneal data`: what is done with datasets, each command in a file of its own. */
import type { Command } from 'commander';
import { addReview } from './data/review.js';
import { addRewrite } from './data/rewrite.js';
import type { Runner } from './shared.js';

const adders = [addRewrite, addReview];

export function addData(program: Command, run: Runner): void {
  const data = program
    .command('data')
    .summary('rewrite and review the answers of a dataset')
    .description('Datasets: what can be done with records and their answers.')
    .helpOption('-h, --help', 'print this help');
  for (const add of adders) add(data, run);
}
