/** `anneal data build`: the dataset of a task, without a run. */
import path from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../../../config/problems.js';
import { printResult, type Shell } from '../../shell.js';
import { type JsonOption, type Runner, type SettingsOption, setOption, subcommand } from '../shared.js';

const about =
  'Build the dataset of a task: read, check, split and store its records and pictures. A run of the same task finds it ' +
  'and builds nothing again. Ends with 4 where a person is asked something.';

interface BuildOptions extends JsonOption, SettingsOption {
  into?: string;
}

export function addBuild(data: Command, run: Runner): void {
  subcommand(data, 'build', { summary: 'build the dataset of a task', about }, 'anneal data build examples/digits')
    .argument('<task>', 'folder with a task.json')
    .option('--into <folder>', 'folder to put the dataset’s folder into (default: .anneal/datasets)')
    .addOption(setOption())
    .action(run(build));
}

async function build(shell: Shell, task: string, { into, json, set }: BuildOptions): Promise<number> {
  const { buildDataset, datasetsFolder } = await import('../../data/build.js');
  const { taskSource } = await import('../../data/source.js');
  const { findingLines, findingsOf } = await import('../../data/findings.js');
  const parent = into === undefined ? datasetsFolder(shell.root) : path.resolve(shell.root, into);
  const dataset = await buildDataset(shell, await taskSource(shell, task, set ?? {}), parent);
  const findings = await findingsOf(dataset);
  const { folder, manifest } = dataset;
  const result = { folder, digest: manifest.digest, ...findings };
  printResult(shell, Boolean(json), result, [...findingLines(findings), '', folder]);
  return findings.questions.length > 0 ? exitCodes.waitsForPerson : exitCodes.done;
}
