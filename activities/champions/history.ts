/**
 * Which model serves a task, and how that came about: `history/<version>.json`, each a file that can be made only once, so
 * that of any number of writers one writes a version; and `champion.json`, the last of them, for programs that serve.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../config/problems.js';
import { ChampionEntry } from '../../config/retraining.js';
import { readIfThere, unlessMissing } from '../processes/there.js';
import { readJson, writeJson } from '../storage/files.js';

/** Of histories in a store that several machines write to. */
export interface SharedHistory {
  /** Makes the files of a history be here as they are there. */
  refresh(folder: string): Promise<void>;
  /** Writes a file that can be made only once, there and here; false when it is there already. */
  once(file: string, content: string): Promise<boolean>;
  /** Makes the file there be as it is here. */
  show(file: string): Promise<void>;
  /** Whether there are files in the folder of this URI. */
  holds(uri: string): Promise<boolean>;
}

/** What a writer adds; version and time are the history's to give. */
export type NewEntry = Omit<ChampionEntry, 'schema' | 'version' | 'at'>;

/** The folder of all champions of a project. */
export function championsFolder(annealFolder: string): string {
  return path.join(annealFolder, 'champions');
}

const fileOf = (folder: string, version: number) => path.join(folder, 'history', `${version}.json`);
const pointerOf = (folder: string) => path.join(folder, 'champion.json');

/** The history of a task, the first entry first; empty where there is none. Throws Internal for a file of another shape. */
export async function readHistory(folder: string): Promise<ChampionEntry[]> {
  const names = (await unlessMissing(readdir(path.join(folder, 'history')))) ?? [];
  const versions = names.flatMap((name) => (/^\d+\.json$/.test(name) ? [Number.parseInt(name, 10)] : []));
  return Promise.all(versions.sort((one, other) => one - other).map((version) => readEntry(fileOf(folder, version))));
}

async function readEntry(file: string): Promise<ChampionEntry> {
  const read = ChampionEntry.safeParse(await readJson(file));
  if (read.success) return read.data;
  throw problem('Internal', {
    what: `This is no entry of a history of champions: ${read.error.message.slice(0, 300)}`,
    where: file,
    todo: 'Put the file back as it was; Anneal writes each once and never changes it.',
  });
}

/**
 * Adds what `decide` makes of the history as it is, and moves the pointer. An entry of the same key is found rather than
 * written again; when somebody else writes meanwhile, `decide` is asked anew.
 */
export async function addEntry(
  folder: string,
  key: string,
  decide: (history: readonly ChampionEntry[]) => NewEntry,
  shared?: SharedHistory,
): Promise<ChampionEntry> {
  await mkdir(path.join(folder, 'history'), { recursive: true });
  for (;;) {
    await shared?.refresh(folder);
    const history = await readHistory(folder);
    const before = history.find((entry) => entry.key === key);
    const version = (history.at(-1)?.version ?? 0) + 1;
    const entry = before ?? { ...decide(history), schema: 'anneal.champion/1', version, at: new Date().toISOString() };
    if (before === undefined && !(await writeOnce(fileOf(folder, version), entry as ChampionEntry, shared))) continue;
    await movePointer(folder, shared);
    return entry as ChampionEntry;
  }
}

/** False when the file is there already. A link, unlike a new file, is whole when it appears. */
async function writeOnce(file: string, entry: ChampionEntry, shared?: SharedHistory): Promise<boolean> {
  if (shared) return shared.once(file, JSON.stringify(ChampionEntry.parse(entry), null, 2));
  const draft = path.join(path.dirname(file), `.${randomUUID()}`);
  await writeJson(draft, ChampionEntry.parse(entry));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** Until it shows the last entry: a slower writer may have put an older one there. */
async function movePointer(folder: string, shared?: SharedHistory): Promise<void> {
  for (;;) {
    const last = (await readHistory(folder)).at(-1);
    const shown = (await readIfThere(pointerOf(folder))) as { version?: number } | null;
    if (last === undefined) return;
    if (shown?.version !== last.version) await writeJson(pointerOf(folder), last);
    else if (shared === undefined) return;
    else {
      await shared.show(pointerOf(folder));
      await shared.refresh(path.join(folder, 'history'));
      if ((await readHistory(folder)).at(-1)?.version === last.version) return;
    }
  }
}
