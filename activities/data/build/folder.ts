/** A folder that is there whole or not at all: built under another name, then renamed. */
import type { Stats } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const prefix = '.partial-';
/** What a killed build left is removed after so long, which is more than a build may take. */
const staleMilliseconds = 24 * 3600 * 1000;

/** Runs `build` in a temporary sibling, which is removed when it throws; returns the folder under its final name. */
export async function buildWhole<Result>(
  into: string,
  build: (folder: string) => Promise<{ name: string; result: Result }>,
): Promise<{ folder: string; result: Result }> {
  await mkdir(into, { recursive: true });
  await removeStale(into);
  const partial = await mkdtemp(path.join(into, prefix));
  try {
    const { name, result } = await build(partial);
    const folder = path.join(into, name);
    await publish(partial, folder);
    return { folder, result };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** A folder of this name already holds the same content: it is named by its digest. */
async function publish(partial: string, folder: string): Promise<void> {
  if (await exists(path.join(folder, 'manifest.json'))) return;
  try {
    await rename(partial, folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['ENOTEMPTY', 'EEXIST'].includes(code) || !(await exists(path.join(folder, 'manifest.json')))) throw error;
  }
}

async function removeStale(into: string): Promise<void> {
  for (const name of await readdir(into)) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(into, name);
    const found = await statOrNull(folder);
    if (found && Date.now() - found.mtimeMs > staleMilliseconds) await rm(folder, { recursive: true, force: true });
  }
}

export async function exists(file: string): Promise<boolean> {
  return (await statOrNull(file)) !== null;
}

async function statOrNull(file: string): Promise<Stats | null> {
  try {
    return await stat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
