/** dataset_info.json: LLaMA-Factory's is an object of names, ms-swift's a list. Each entry becomes a file with its columns. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import type { SourceFile } from '../../../config/resolved.js';
import { didYouMean } from '../../../config/suggest.js';
import type { Columns, Tags } from './columns.js';

const fileName = 'dataset_info.json';

type Entry = Record<string, unknown>;

/** The registry that an entry of the source means: itself, or the one in its folder; null where it means none. */
export async function registryIn(entry: SourceFile, isFolder: boolean): Promise<string | null> {
  if (entry.format === 'datasetInfo') return isFolder ? path.join(entry.path, fileName) : entry.path;
  if (!isFolder) return path.basename(entry.path) === fileName ? entry.path : null;
  const names = await readdir(entry.path);
  // `datasets` writes a file of that name beside its Arrow files, which is no registry.
  if (!names.includes(fileName) || names.some((name) => name.endsWith('.arrow'))) return null;
  return path.join(entry.path, fileName);
}

/** Throws `DatasetInvalid` where the registry can't be read, or an entry is unknown or not on this machine. */
export async function registryFiles(entry: SourceFile): Promise<(SourceFile & { columns: Columns })[]> {
  const entries = namedEntries(await readJson(entry.path), entry.path);
  const { datasets, ...rest } = entry;
  const wanted = datasets ?? [...entries.keys()];
  const files: (SourceFile & { columns: Columns })[] = [];
  for (const name of wanted) {
    const found = entries.get(name);
    if (!found) throw unknownDataset(name, [...entries.keys()], entry.path);
    const { format: _, ...place } = rest;
    files.push({ ...place, path: await fileOf(name, found, entry.path), columns: columnsOf(found) });
  }
  return files;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const todo = 'Correct it, or name the files of records themselves.';
    throw problem(
      'DatasetInvalid',
      { what: `The registry can't be read: ${(error as Error).message}`, where: file, todo },
      { cause: error },
    );
  }
}

/** ms-swift names no datasets; its entries go by their path or hub id. */
function namedEntries(value: unknown, file: string): Map<string, Entry> {
  const isEntry = (each: unknown): each is Entry => typeof each === 'object' && each !== null && !Array.isArray(each);
  const list = Array.isArray(value)
    ? value.filter(isEntry).map((each): [string, Entry] => [swiftName(each), each])
    : null;
  const entries =
    list ?? (isEntry(value) ? Object.entries(value).filter((each): each is [string, Entry] => isEntry(each[1])) : []);
  if (entries.length > 0) return new Map(entries);
  throw problem('DatasetInvalid', {
    what: 'The registry names no dataset.',
    where: file,
    todo: 'Write an object of datasets (LLaMA-Factory) or a list of them (ms-swift), or name the files of records themselves.',
  });
}

function swiftName(entry: Entry): string {
  return String(
    entry['dataset_name'] ?? entry['dataset_path'] ?? entry['ms_dataset_id'] ?? entry['hf_dataset_id'] ?? '',
  );
}

async function fileOf(name: string, entry: Entry, registry: string): Promise<string> {
  const written = entry['file_name'] ?? entry['dataset_path'];
  if (typeof written !== 'string')
    throw problem('DatasetInvalid', {
      what: `The dataset "${name}" lies on a hub or is made by a script.`,
      where: registry,
      todo: 'Download it and give its "file_name", or name the others in "datasets".',
    });
  const file = path.resolve(path.dirname(registry), written);
  if (await stat(file).catch(() => undefined)) return file;
  throw problem('DatasetInvalid', {
    what: `The file ${written} of the dataset "${name}" is not there.`,
    where: registry,
    todo: 'Put it beside the registry, or name the other datasets in "datasets".',
  });
}

function unknownDataset(name: string, known: string[], registry: string): Error {
  const near = didYouMean(name, known);
  return problem('DatasetInvalid', {
    what: `There is no dataset "${name}".${near ? ` Did you mean "${near}"?` : ` There are ${known.slice(0, 10).join(', ')}.`}`,
    where: registry,
    todo: 'Correct "datasets", or leave it out for all of them.',
  });
}

/** LLaMA-Factory's words for a column are not those of the files, ms-swift's map the file's to its own. */
function columnsOf(entry: Entry): Columns {
  const declared = (entry['columns'] ?? {}) as Record<string, string>;
  if (!('file_name' in entry)) {
    const names = Object.fromEntries(Object.entries(declared).map(([theirs, ours]) => [ours, theirs]));
    return { names, tags: null };
  }
  const ours: Record<string, string> = entry['formatting'] === 'sharegpt' ? { messages: 'conversations' } : alpaca;
  const names = Object.fromEntries(
    Object.entries(declared).map(([word, theirs]): [string, string] => [ours[word] ?? word, theirs]),
  );
  return {
    names,
    tags: entry['formatting'] === 'sharegpt' ? tagsOf((entry['tags'] ?? {}) as Record<string, string>) : null,
  };
}

const alpaca = { prompt: 'instruction', query: 'input', response: 'output' };

function tagsOf(tags: Record<string, string>): Tags {
  return {
    role: tags['role_tag'] ?? 'from',
    content: tags['content_tag'] ?? 'value',
    roles: {
      [tags['user_tag'] ?? 'human']: 'user',
      [tags['assistant_tag'] ?? 'gpt']: 'assistant',
      [tags['system_tag'] ?? 'system']: 'system',
    },
  };
}
