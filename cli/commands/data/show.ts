/** `anneal data show`: a dataset as a page of pictures. */
import type { Command } from 'commander';
import { exitCodes } from '../../../config/problems.js';
import { printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about =
  'Write the gallery of a dataset: its figures as drawings, its records as cards with their pictures, and the rows that ' +
  'are not used with the reason. The page needs no server and no network.';

interface ShowOptions extends JsonOption {
  open?: boolean;
}

export function addShow(data: Command, run: Runner): void {
  subcommand(
    data,
    'show',
    { summary: 'look at a dataset in the browser', about },
    'anneal data show examples/digits --open',
  )
    .argument('<data>', 'the folder of a dataset, or a folder with a task.json')
    .option('--open', 'show it in the browser')
    .action(run(show));
}

async function show(shell: Shell, named: string, { open, json }: ShowOptions): Promise<number> {
  const { writeGallery } = await import('../../../activities/data/gallery/writeGallery.js');
  const { openInBrowser } = await import('../../browser.js');
  const { datasetOf, recordsProgress } = await import('../../data/build.js');
  const dataset = await datasetOf(shell, named);
  const { file, shown, rows } = await writeGallery(dataset, recordsProgress(shell, 'gallery:', 'lines read'));
  printResult(shell, Boolean(json), { file, shown, rows }, [file]);
  if (open) await openInBrowser(file);
  return exitCodes.done;
}
