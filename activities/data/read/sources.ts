/** Lists the files of a source: globs, folders of record files, and the datasets that a registry names. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { problem } from '../../../config/problems.js';
import type { DataSource, SourceFile } from '../../../config/resolved.js';
import { didYouMean } from '../../../config/suggest.js';
import type { Columns } from './columns.js';
import { expandRanges } from './ranges.js';
import { registryFiles, registryIn } from './registry.js';
import { unreadName } from './unreadContainer.js';

/** A file to open; its columns have other names where a registry says so. */
export interface ListedFile extends SourceFile {
  columns?: Columns;
}

const recordFile = /\.(jsonl|ndjson|json|csv|tsv|parquet|tar)(\.(gz|zst))?$/i;

/** What Anneal reads and writes beside the records of a task. */
const ownFiles = new Set(['task.json', 'anneal.json', 'reviews.jsonl']);

/** What save_to_disk of `datasets` writes beside its Arrow files. */
const besideArrow = new Set(['dataset_info.json', 'state.json']);

/**
 * All files of the source in a fixed order, each once: what an earlier entry has claimed stays with it.
 * Throws `DatasetInvalid` for an entry that leads nowhere; `isDataset` tells whether a folder is one dataset as it is.
 */
export async function listFiles(
  source: DataSource,
  isDataset: (folder: SourceFile) => Promise<boolean>,
): Promise<ListedFile[]> {
  const files = new Map<string, ListedFile>();
  const entries = source.files.flatMap((entry) => expandRanges(entry.path).map((each) => ({ ...entry, path: each })));
  for (const entry of entries)
    for (const file of await expand(entry, isDataset)) {
      const key = JSON.stringify([file.path, file.columns ?? null]);
      if (!files.has(key)) files.set(key, file);
    }
  return [...files.values()];
}

async function expand(entry: SourceFile, isDataset: (folder: SourceFile) => Promise<boolean>): Promise<ListedFile[]> {
  const found = await stat(entry.path).catch(() => undefined);
  if (!found && isDynamicPattern(entry.path)) {
    const paths = await glob(entry.path, { absolute: true, expandDirectories: false });
    if (paths.length === 0) throw await nothingThere(entry.path);
    return (await Promise.all(paths.sort().map((each) => expand({ ...entry, path: each }, isDataset)))).flat();
  }
  if (!found) throw await nothingThere(entry.path);
  const registry = await registryIn(entry, found.isDirectory());
  if (registry) return registryFiles({ ...entry, path: registry });
  if (!found.isDirectory() || (await isDataset(entry))) return [entry];
  const all = (await readdir(entry.path)).sort();
  const isArrow = all.some((name) => name.endsWith('.arrow'));
  const records = all.filter(
    (name) => recordFile.test(name) && !ownFiles.has(name) && !(isArrow && besideArrow.has(name)),
  );
  // Opening one of these says what it is, and how it becomes a file of records.
  const names = records.length > 0 ? records : all.filter((name) => unreadName.test(name)).slice(0, 1);
  if (names.length === 0)
    throw problem('DatasetInvalid', {
      what: 'The folder holds no record files, and is no dataset of pictures.',
      where: entry.path,
      todo: 'Name the files of records, or a folder of pictures whose subfolders are the classes.',
    });
  return names.map((name) => ({ ...entry, path: path.join(entry.path, name) }));
}

/** Says which names come nearest, from the deepest folder of the path that exists. */
async function nothingThere(wanted: string): Promise<Error> {
  let folder = path.dirname(wanted);
  while (isDynamicPattern(folder)) folder = path.dirname(folder);
  const names = await readdir(folder).catch(() => [] as string[]);
  const near = didYouMean(path.basename(wanted), names);
  const some = names.filter((name) => recordFile.test(name)).slice(0, 5);
  const hint = near ? ` Did you mean "${near}"?` : some.length > 0 ? ` There are ${some.join(', ')}.` : '';
  const what = isDynamicPattern(wanted)
    ? `The pattern ${wanted} matches no file.`
    : `The file ${wanted} does not exist.`;
  return problem('DatasetInvalid', {
    what: `${what}${hint}`,
    where: wanted,
    todo: 'Correct the path; it is relative to the folder of the task file.',
  });
}
