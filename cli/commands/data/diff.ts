/** `anneal data diff`: what differs between two builds. */
import path from 'node:path';
import type { Command } from 'commander';
import type { DatasetDiff } from '../../../activities/data/diff/diffDatasets.js';
import { exitCodes } from '../../../config/problems.js';
import { columns, printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, subcommand } from '../shared.js';

const about =
  'Compare two datasets: records added, removed, changed or moved to another split, rows with another fate, and the ' +
  'figures of both. Ends with 4 where a record moved, as figures of the two can’t be compared then.';

interface DiffOptions extends JsonOption {
  html?: string;
}

export function addDiff(data: Command, run: Runner): void {
  subcommand(
    data,
    'diff',
    { summary: 'compare two datasets', about },
    'anneal data diff .anneal/datasets/digits-0a1b2c3d4e5f .anneal/datasets/digits-5f6e7d8c9b0a',
  )
    .argument('<one>', 'the folder of the earlier dataset')
    .argument('<other>', 'the folder of the later one')
    .option('--html <file>', 'write a page that shows the differences')
    .action(run(diff));
}

async function diff(shell: Shell, one: string, other: string, { html, json }: DiffOptions): Promise<number> {
  const { needDataset } = await import('../../data/source.js');
  const { recordsProgress } = await import('../../data/build.js');
  const { diffDatasets } = await import('../../../activities/data/diff/diffDatasets.js');
  const say = recordsProgress(shell, 'compared', 'lines');
  let lines = 0;
  const found = await diffDatasets(await needDataset(shell, one), await needDataset(shell, other), () => say(++lines));
  if (html !== undefined) await writePage(path.resolve(shell.root, html), found);
  printResult(shell, Boolean(json), found, [...diffLines(found), ...(html === undefined ? [] : ['', html])]);
  return found.moved.count > 0 ? exitCodes.waitsForPerson : exitCodes.done;
}

async function writePage(file: string, found: DatasetDiff): Promise<void> {
  const { diffPage } = await import('../../../activities/data/diff/page.js');
  const { writeWhole } = await import('../../../activities/storage/files.js');
  await writeWhole(file, diffPage(found));
}

const linesShown = 5;

function diffLines({ same, added, removed, changed, moved, fates, parts, figures }: DatasetDiff): string[] {
  const changedParts = Object.entries(parts).filter(([, records]) => records > 0);
  const figureRows = figures.filter(({ one, other }) => one !== other);
  return [
    ...columns([
      ['alike', String(same)],
      ['added', String(added.count)],
      ['removed', String(removed.count)],
      ['changed', String(changed.count), changedParts.map(([part, records]) => `${part} ${records}`).join(', ')],
      ['moved between splits', String(moved.count), moved.count > 0 ? 'must be none' : ''],
      ['rows with another fate', String(fates.count)],
    ]),
    ...first('Moved:', moved.first, ({ id, before, after }) => [id, before, after]),
    ...first('Changed:', changed.first, ({ id, parts: of, before, after }) => [id, of.join(), before, after]),
    ...first('Another fate:', fates.first, ({ row, before, after }) => [row, before, after]),
    ...first('Added:', added.first, ({ id, split, answer }) => [id, split, answer]),
    ...first('Removed:', removed.first, ({ id, split, answer }) => [id, split, answer]),
    ...first(
      'Figures that differ:',
      figureRows,
      ({ name, one, other }) => [name, `${one}`, `${other}`],
      figureRows.length,
    ),
  ];
}

function first<Item>(heading: string, items: readonly Item[], cells: (item: Item) => string[], most = linesShown) {
  if (items.length === 0) return [];
  const rows = items
    .slice(0, most)
    .map((item) => ['', ...cells(item).map((cell) => cell.replaceAll('\n', ' ').slice(0, 60))]);
  return ['', heading, ...columns(rows)];
}
