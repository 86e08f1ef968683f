/** `anneal data export`: a dataset in the form that another trainer reads. */
import path from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { type ExportFormat, exportFormats } from '../../../activities/data/export/formats.js';
import { exitCodes } from '../../../config/problems.js';
import { columns, printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about =
  'Write a dataset as the rows of another trainer, a file a split, with its pictures. Records that the format can’t hold ' +
  'are listed with the reason. Overwrites nothing.';

interface ExportOptions extends JsonOption {
  to: ExportFormat;
  into: string;
  absolute?: boolean;
}

export function addExport(data: Command, run: Runner): void {
  subcommand(
    data,
    'export',
    { summary: 'write a dataset in the form of another trainer', about },
    'anneal data export examples/digits --to trl --into digits-trl',
  )
    .argument('<data>', 'the folder of a dataset, or a folder with a task.json')
    .addOption(new Option('--to <format>', 'whose rows').choices(exportFormats).makeOptionMandatory())
    .requiredOption('--into <folder>', 'a new folder')
    .option('--absolute', 'name the pictures in the dataset’s folder, and copy none')
    .action(run(exportData));
}

async function exportData(shell: Shell, named: string, { to, into, absolute, json }: ExportOptions): Promise<number> {
  const { exportDataset } = await import('../../../activities/data/export/exportDataset.js');
  const { datasetOf, recordsProgress } = await import('../../data/build.js');
  const dataset = await datasetOf(shell, named);
  const folder = path.resolve(shell.root, into);
  const heartbeat = recordsProgress(shell, `${to}:`, 'records written');
  const manifest = await exportDataset({ dataset, to, into: folder, absolute: Boolean(absolute), heartbeat });
  const { counts, files, use } = manifest;
  const lines = [
    ...columns(files.map(({ name, rows, pairs }) => [`${rows} ${pairs ? 'pairs' : 'rows'}`, name])),
    `${counts.records} records, ${counts.refused} of them refused${counts.refused > 0 ? ' (refused.jsonl says why)' : ''}`,
    ...Object.entries(counts.byReason).map(([reason, rows]) => `  ${rows} ${reason}`),
    ...use,
    folder,
  ];
  printResult(shell, Boolean(json), { folder, ...manifest }, lines);
  return exitCodes.done;
}
