/** Champions of the project folder's tasks, from their files or those of its store: works without an engine. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { championsFolder, readHistory, type SharedHistory } from '../activities/champions/history.js';
import { sharedHistory } from '../activities/champions/sharedHistory.js';
import { unlessMissing } from '../activities/processes/there.js';
import { problem } from '../config/problems.js';
import type { ChampionEntry } from '../config/retraining.js';
import { didYouMean } from '../config/suggest.js';
import { annealFolder } from './paths.js';
import type { Shell } from './shell.js';
import { storeOf } from './storedReports.js';

export interface TaskChampions {
  task: string;
  folder: string;
  history: ChampionEntry[];
  /** Where the histories lie in a store. */
  shared: SharedHistory | undefined;
}

/** The history of a task, by its name or the folder of its task.json. Throws InvalidInput where there is none. */
export async function championsOf({ root, env }: Pick<Shell, 'root' | 'env'>, wanted: string): Promise<TaskChampions> {
  const all = championsFolder(annealFolder(root));
  const mirror = await storeOf({ root, env });
  const shared = mirror && sharedHistory(mirror);
  await shared?.refresh(all);
  const task = path.basename(path.resolve(root, wanted));
  const folder = path.join(all, task);
  const history = await readHistory(folder);
  if (history.length > 0) return { task, folder, history, shared };
  const known = (await unlessMissing(readdir(all))) ?? [];
  const near = didYouMean(task, known);
  throw problem('InvalidInput', {
    what: `There is no champion of "${task}" yet.${near ? ` Did you mean "${near}"?` : ''}`,
    where: all,
    todo:
      known.length > 0
        ? `There are ${known.sort().join(', ')}.`
        : 'Let rounds make one: anneal schedule create <task> --every "7 days" --retrain',
  });
}
