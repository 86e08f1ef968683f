/** What a person names when they mean data: a dataset that is built, a task, or a file of records without one. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { BuildInput } from '../../activities/data/build/madeBefore.js';
import { openDataset, type StoredDataset } from '../../activities/data/dataset.js';
import { isThere, unlessMissing } from '../../activities/processes/there.js';
import { businessOf } from '../../activities/recipe/resolve.js';
import { problem } from '../../config/problems.js';
import { RecipeSettings } from '../../config/settings.js';
import { TaskFile } from '../../config/task.js';
import { resolveTask } from '../resolveTask.js';
import type { Shell } from '../shell.js';

/** All that a build needs but where to put it. */
export type Buildable = Omit<BuildInput, 'into'>;

export type Meant = { kind: 'dataset'; dataset: StoredDataset } | { kind: 'source'; source: Buildable };

/** Throws `InvalidInput` where there is none of them. */
export async function findMeant(shell: Shell, named: string, overrides: Record<string, unknown> = {}): Promise<Meant> {
  const at = path.resolve(shell.root, named);
  const found = await unlessMissing(stat(at));
  if (found?.isDirectory() && (await isThere(path.join(at, 'manifest.json'))))
    return { kind: 'dataset', dataset: await openDataset(at) };
  if (found?.isFile() && path.basename(at) !== 'task.json') return { kind: 'source', source: await bareSource(at) };
  return { kind: 'source', source: await taskSource(shell, named, overrides) };
}

/** The records of a task, as a run of it would build them. */
export async function taskSource(shell: Shell, task: string, overrides: Record<string, unknown>): Promise<Buildable> {
  const { business, model, settings } = await resolveTask(shell, task, overrides);
  return { source: business, model, settings: settings.data, seed: settings.seed };
}

/** Pictures as Qwen3-VL reads them by its README: 256 to 1,280 tokens of 32 x 32 pixels. */
const commonModel = { patch: 16, merge: 2, minimumPixels: 262_144, maximumPixels: 1_310_720, contextTokens: 262_144 };

/** A file that nothing is declared of: the fields have their usual names, and any text is an answer. */
async function bareSource(file: string): Promise<Buildable> {
  const name = path.basename(file);
  const task = TaskFile.parse({ name: 'data', records: [name], answer: { kind: 'text' }, target: { score: 1 } });
  const source = await businessOf({ file, folder: path.dirname(file), text: '', task });
  const { data, seed } = RecipeSettings.parse({});
  return { source, model: commonModel, settings: data, seed };
}

/** Throws `InvalidInput` for a name that is no dataset folder. */
export async function needDataset(shell: Shell, named: string): Promise<StoredDataset> {
  const at = path.resolve(shell.root, named);
  if (await unlessMissing(stat(at))) return openDataset(at);
  throw problem('InvalidInput', {
    what: 'There is no such folder.',
    where: at,
    todo: 'Name the folder that `anneal data build` printed.',
  });
}
