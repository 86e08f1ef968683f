/** `anneal data`: what is done with datasets, each command in a file of its own. */
import type { Command } from 'commander';
import { addBuild } from './data/build.js';
import { addCheck } from './data/check.js';
import { addDiff } from './data/diff.js';
import { addExport } from './data/export.js';
import { addReview } from './data/review.js';
import { addRewrite } from './data/rewrite.js';
import { addShow } from './data/show.js';
import type { Runner } from './shared.js';

const adders = [addBuild, addCheck, addShow, addDiff, addExport, addRewrite, addReview];

export function addData(program: Command, run: Runner): void {
  const data = program
    .command('data')
    .summary('build, check, look at, compare, export, rewrite and review datasets')
    .description('Datasets without a run: each command works on files alone and needs no engine, all but rewrite.')
    .helpOption('-h, --help', 'print this help');
  for (const add of adders) add(data, run);
}
