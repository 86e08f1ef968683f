/** What lies in a folder of pictures: its files by folder, in an order that no file system decides. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isOwnName } from './sample.js';

export interface ListedFolder {
  /** Relative to the whole, with slashes; empty for the whole itself. */
  folder: string;
  /** Names of its files. */
  files: string[];
}

/** The folder and those below it, parents first, each by its names in the order of their code points. Links to folders are not followed. */
export async function* listFolders(root: string, folder = ''): AsyncGenerator<ListedFolder> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const names = (wanted: (entry: (typeof entries)[number]) => boolean) =>
    entries
      .filter(wanted)
      .map(({ name }) => name)
      .filter(isOwnName)
      .sort();
  yield { folder, files: names((entry) => !entry.isDirectory()) };
  for (const name of names((entry) => entry.isDirectory())) yield* listFolders(root, joined(folder, name));
}

export function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Names by which a folder declares a split, after Hugging Face `datasets`. */
const splits = /^(train|training|validation|valid|val|dev|test|testing|eval|evaluation)$/i;

/** The folder's segments with those gone that declare a split. */
export function withoutSplits(folder: string): { segments: string[]; split: string | null } {
  const segments = folder.split('/').filter((segment) => segment !== '');
  const [first = ''] = segments;
  return splits.test(first) ? { segments: segments.slice(1), split: first } : { segments, split: null };
}
