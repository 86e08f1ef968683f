/** `anneal data review`: takes the decisions of a person to where the next build reads them. */
import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Command, Option } from 'commander';
import type { ReviewOutcome } from '../../../activities/rewriting/review/apply.js';
import { exitCodes, problem } from '../../../config/problems.js';
import { type RewritePurpose, rewritePurposes } from '../../../config/rewriting.js';
import { rewritesFolder, shown } from '../../paths.js';
import { printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about =
  'Read the decisions of a review, from review.csv in the folder of a rewriting or from a CSV that review.html made, ' +
  'and add them to the task’s reviews.jsonl, which every build lays over the records. No file of yours is changed. ' +
  'With one line at fault nothing is written.';

interface ReviewOptions extends JsonOption {
  acceptAllOf?: RewritePurpose;
  by: string;
  of?: string;
  dryRun?: boolean;
}

export function addReview(data: Command, run: Runner): void {
  subcommand(
    data,
    'review',
    { summary: 'apply what a person decided about proposals', about },
    'anneal data review .anneal/rewrites/rewrite-digits-correct.1a2b3c4d',
  )
    .argument('<folder or csv>', 'folder of a rewriting, or a CSV file with decisions')
    .option('--of <folder>', 'the rewriting that a CSV elsewhere is about (default: the one that it names)')
    .addOption(
      new Option('--accept-all-of <purpose>', 'accept every open proposal of this purpose').choices(rewritePurposes),
    )
    .option('--by <name>', 'who decided', os.userInfo().username)
    .option('--dry-run', 'check and count, and write nothing')
    .action(run(review));
}

async function review(shell: Shell, given: string, options: ReviewOptions): Promise<number> {
  const { applyReview } = await import('../../../activities/rewriting/review/apply.js');
  const { folder, csv } = await placeOf(shell, given, options);
  const outcome = await applyReview({
    folder,
    csv,
    acceptAllOf: options.acceptAllOf ?? null,
    by: options.by,
    at: new Date().toISOString(),
    dryRun: Boolean(options.dryRun),
  });
  if (outcome.faults.length > 0 && !options.json) throw faulty(csv ?? folder, outcome);
  printResult(shell, Boolean(options.json), outcome, linesOf(outcome, Boolean(options.dryRun)));
  return outcome.faults.length > 0 ? exitCodes.yourInput : exitCodes.done;
}

/** A folder, a CSV in one, or a CSV elsewhere that says which rewriting it is about. */
async function placeOf(
  { root }: Shell,
  given: string,
  { of, acceptAllOf }: ReviewOptions,
): Promise<{ folder: string; csv: string | null }> {
  const { isThere } = await import('../../../activities/processes/there.js');
  const { runNamedIn } = await import('../../../activities/rewriting/review/csvFile.js');
  const named = path.resolve(root, given);
  const found = await stat(named).catch(() => null);
  if (found?.isDirectory()) return { folder: named, csv: acceptAllOf ? null : path.join(named, 'review.csv') };
  if (!found)
    throw problem('InvalidInput', { what: 'There is no such file or folder.', where: named, todo: whatToName });
  if (of !== undefined) return { folder: path.resolve(root, of), csv: named };
  if (await isThere(path.join(path.dirname(named), 'rewrite.json'))) return { folder: path.dirname(named), csv: named };
  const run = await runNamedIn(named);
  const folder = run === null ? null : path.join(rewritesFolder(root), path.basename(run));
  if (folder !== null && (await isThere(folder))) return { folder, csv: named };
  throw problem('InvalidInput', {
    what: `The file does not say which rewriting it is about${run === null ? '' : `: there is no ${run} here`}.`,
    where: named,
    todo: 'Name its folder with --of .anneal/rewrites/<name>.',
  });
}

const whatToName = 'Name a folder below .anneal/rewrites, or the CSV file with the decisions.';
const faultsShown = 8;

function faulty(where: string, { faults }: ReviewOutcome): Error {
  const more = faults.length > faultsShown ? `\n(and ${faults.length - faultsShown} more)` : '';
  return problem('InvalidInput', {
    what: `${faults.slice(0, faultsShown).join('\n')}${more}`,
    where,
    todo: 'Correct these lines and give the command again; nothing was written.',
  });
}

function linesOf(
  { accepted, edited, refused, already, open, reviews, written }: ReviewOutcome,
  dry: boolean,
): string[] {
  return [
    `${accepted} accepted, ${edited} edited, ${refused} refused; ${already} were decided before, ${open} are open.`,
    dry
      ? 'Nothing was written: this was a dry run.'
      : `${written} decisions added to ${shown(reviews)}; the next build reads them.`,
  ];
}
