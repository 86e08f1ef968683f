/** `anneal report`: where a run's report is. */
import type { Command } from 'commander';
import { exitCodes, problem } from '../../config/problems.js';
import { openInBrowser } from '../browser.js';
import { printResult, type Shell } from '../shell.js';
import { type JsonOption, type Runner, subcommand } from './shared.js';

const about =
  'Print the file of a run’s report and, while an engine runs, its address. It is rendered anew after every step. With ' +
  'ANNEAL_STORE, runs of other machines are known too, and their reports brought.';

interface ReportOptions extends JsonOption {
  open?: boolean;
}

export function addReport(program: Command, run: Runner): void {
  subcommand(program, 'report', { summary: 'say where a run’s report is', about }, 'anneal report digits --open')
    .argument('[run]', 'a run, its workflow’s id, or its task’s name (default: the newest)')
    .option('--open', 'show it in the browser')
    .action(run(report));
}

async function report(shell: Shell, wanted: string | undefined, options: ReportOptions): Promise<number> {
  const { findRunFolder, reportFileOf } = await import('../runFiles.js');
  const { engineStanding } = await import('../dev/engineFile.js');
  const { reportLink } = await import('../links.js');
  const { bringStoredPage, bringStoredReports } = await import('../storedReports.js');
  await bringStoredReports(shell);
  const found = await findRunFolder(shell, wanted);
  await bringStoredPage(shell, found.folder);
  const file = await reportFileOf(found);
  if (file === null) {
    throw problem('InvalidInput', {
      what: `The run ${found.run} has no report yet: the first one is written when its recipe is resolved.`,
      where: found.folder,
      todo: 'Wait a little; `anneal status` shows whether it goes on.',
    });
  }
  const standing = await engineStanding(shell.root);
  const reports = standing.kind === 'ready' ? standing.facts.reports : null;
  const address = reports === null ? null : reportLink({ reports }, shell.root, found.run);
  const facts = { run: found.run, file, json: file.replace(/html$/, 'json'), address };
  printResult(shell, Boolean(options.json), facts, [file, ...(address === null ? [] : [address])]);
  if (options.open) await openInBrowser(address ?? file);
  return exitCodes.done;
}
