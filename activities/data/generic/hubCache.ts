/** The folder that huggingface_hub keeps datasets in, read and written in its own layout, so that nothing is fetched twice. */
import { mkdir, readdir, readFile, stat, symlink, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../storage/files.js';

/** Environment variables, by name; undefined where one is not set. */
export type Environment = (name: string) => string | undefined;

/** HF_HUB_CACHE, else hub/ under HF_HOME, else the usual place under the home folder. */
export function cacheFolder(environment: Environment): string {
  const home = environment('HF_HOME') ?? path.join(homedir(), '.cache', 'huggingface');
  return environment('HF_HUB_CACHE') ?? path.join(home, 'hub');
}

export class HubCache {
  /** Of the whole dataset: the files of its snapshots are links to its blobs. */
  readonly folder: string;

  constructor(root: string, repository: string) {
    this.folder = path.join(root, `datasets--${repository.replace('/', '--')}`);
  }

  snapshot(commit: string): string {
    return path.join(this.folder, 'snapshots', commit);
  }

  blob(name: string): string {
    return path.join(this.folder, 'blobs', name);
  }

  /** The commit that a revision was last seen at; the revision itself where it is one; null where neither is known. */
  async commitOf(revision: string): Promise<string | null> {
    const commit = (await readOrNull(path.join(this.folder, 'refs', revision)))?.trim();
    if (commit) return commit;
    return (await isThere(this.snapshot(revision))) ? revision : null;
  }

  async remember(revision: string, commit: string): Promise<void> {
    if (revision !== commit) await writeWhole(path.join(this.folder, 'refs', revision), commit);
  }

  /** Sizes by path of all files of a commit, where they were listed here before. */
  async listing(commit: string): Promise<Map<string, number> | null> {
    const text = await readOrNull(this.listingFile(commit));
    return text === null ? null : new Map(Object.entries(z.record(z.string(), z.number()).parse(JSON.parse(text))));
  }

  async keepListing(commit: string, sizes: ReadonlyMap<string, number>): Promise<void> {
    await writeWhole(this.listingFile(commit), JSON.stringify(Object.fromEntries(sizes)));
  }

  private listingFile(commit: string): string {
    return path.join(this.folder, '.anneal', `${commit.replaceAll('/', '--')}.json`);
  }

  /** Whether a file of a snapshot is there with this size. */
  async holds(commit: string, file: string, size: number): Promise<boolean> {
    return (await sizeOrNull(path.join(this.snapshot(commit), file))) === size;
  }

  /** Puts a blob into a snapshot under a file's name. */
  async link(commit: string, file: string, blob: string): Promise<void> {
    const at = path.join(this.snapshot(commit), file);
    await mkdir(path.dirname(at), { recursive: true });
    await unlink(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await symlink(path.relative(path.dirname(at), this.blob(blob)), at);
  }
}

/** Paths of all files below a folder, with / between names; none where there is no such folder. Links to files count. */
export async function filesBelow(folder: string): Promise<string[]> {
  if (!(await isThere(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function sizeOrNull(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

const isThere = async (file: string) => (await sizeOrNull(file)) !== null;
