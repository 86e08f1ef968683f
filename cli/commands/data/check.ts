/** `anneal data check`: what a build would do with every row. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { StoredDataset } from '../../../activities/data/dataset.js';
import { exitCodes } from '../../../config/problems.js';
import type { Buildable } from '../../data/source.js';
import { printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, type SettingsOption, setOption, subcommand } from '../shared.js';

const about =
  'Say what a build would use, merge, reject, let wait or leave out, and why, and keep nothing. Takes a task, a file of ' +
  'records without one, or a dataset that is built. Ends with 4 where a person is asked something, with 2 where nothing ' +
  'can be used.';

export function addCheck(data: Command, run: Runner): void {
  subcommand(
    data,
    'check',
    { summary: 'say what a build would do with every row', about },
    'anneal data check records.jsonl',
  )
    .argument('<data>', 'folder with a task.json, a file of records, or the folder of a dataset')
    .addOption(setOption())
    .action(run(check));
}

async function check(shell: Shell, named: string, { json, set }: JsonOption & SettingsOption): Promise<number> {
  const { findMeant } = await import('../../data/source.js');
  const { findingLines, findingsOf } = await import('../../data/findings.js');
  const meant = await findMeant(shell, named, set);
  const findings =
    meant.kind === 'dataset' ? await findingsOf(meant.dataset) : await dryBuild(shell, meant.source, findingsOf);
  printResult(shell, Boolean(json), findings, findingLines(findings));
  return findings.questions.length > 0 ? exitCodes.waitsForPerson : exitCodes.done;
}

/** In a folder that is removed when it has been looked at. */
async function dryBuild<Seen>(
  shell: Shell,
  source: Buildable,
  look: (dataset: StoredDataset) => Promise<Seen>,
): Promise<Seen> {
  const { buildDataset } = await import('../../data/build.js');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'anneal-check-'));
  try {
    return await look(await buildDataset(shell, source, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
