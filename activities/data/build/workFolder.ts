/** The folder in which a dataset is built: kept through kills, gone on from by the next attempt, and renamed when it is whole. */
import type { Stats } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

const prefix = '.building-';
/** What nobody went on with is removed after a week. */
const staleMilliseconds = 7 * 24 * 3600 * 1000;

/** Opens the work folder of an input, with what an earlier attempt left in it. */
export async function openWorkFolder(into: string, inputDigest: string): Promise<string> {
  await mkdir(into, { recursive: true });
  await removeStale(into);
  const folder = path.join(into, `${prefix}${inputDigest.slice(0, 16)}`);
  await mkdir(folder, { recursive: true });
  await utimes(folder, new Date(), new Date());
  return folder;
}

/** Gives the work folder its final name. A folder of that name holds the same content: it is named by its digest. */
export async function publish(work: string, folder: string): Promise<void> {
  if (!(await exists(path.join(folder, 'manifest.json')))) {
    try {
      await rename(work, folder);
      return;
    } catch (error) {
      if (!(await exists(path.join(folder, 'manifest.json')))) throw error;
    }
  }
  await discard(work);
}

/** Removes a work folder that nothing can come of. */
export async function discard(work: string): Promise<void> {
  await rm(work, { recursive: true, force: true });
}

async function removeStale(into: string): Promise<void> {
  for (const name of await readdir(into)) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(into, name);
    const found = await statOrNull(folder);
    if (found && Date.now() - found.mtimeMs > staleMilliseconds) await discard(folder);
  }
}

export async function exists(file: string): Promise<boolean> {
  return (await statOrNull(file)) !== null;
}

export async function statOrNull(file: string): Promise<Stats | null> {
  try {
    return await stat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
