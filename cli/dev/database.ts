/**
 * The embedded server's SQLite file and the version that wrote it. A file "may not be compatible with newer versions
 * of the Temporal CLI", says its maker: an older one is backed up before it is opened, a newer one refused.
 */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { unlessMissing } from '../../activities/processes/there.js';
import { writeWhole } from '../../activities/storage/files.js';
import { problem } from '../../config/problems.js';
import { annealFolder, shown } from '../paths.js';

const databaseName = 'temporal.db';

export function databaseFile(root: string): string {
  return path.join(annealFolder(root), databaseName);
}

/** Beside the database: the version of the Temporal CLI that wrote it last. */
function versionFile(root: string): string {
  return path.join(annealFolder(root), 'temporal.version');
}

/** Makes sure that this version may open the database, and notes the version. */
export async function prepareDatabase(root: string, version: string, say: (line: string) => void): Promise<void> {
  const files = (await readdir(annealFolder(root))).filter((name) => name.startsWith(databaseName));
  if (files.includes(databaseName)) {
    const wroteIt = await readVersion(root);
    if (wroteIt !== null && isNewer(wroteIt, version)) throw tooNew(root, wroteIt, version);
    if (wroteIt !== version) await backUp(root, files, wroteIt ?? 'unknown', version, say);
  }
  await writeWhole(versionFile(root), `${version}\n`);
}

async function readVersion(root: string): Promise<string | null> {
  const text = await unlessMissing(readFile(versionFile(root), 'utf8'));
  return text?.trim() ?? null;
}

function isNewer(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { numeric: true }) > 0;
}

async function backUp(root: string, files: string[], from: string, to: string, say: (line: string) => void) {
  const mark = `${from}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
  for (const name of files) {
    const copy = name.replace(databaseName, `backup-${mark}.db`);
    await copyFile(path.join(annealFolder(root), name), path.join(annealFolder(root), copy));
  }
  const copy = shown(path.join(annealFolder(root), `backup-${mark}.db`));
  say(`The run database was written by Temporal ${from}, this is ${to}: a copy was kept as ${copy}.`);
}

function tooNew(root: string, wroteIt: string, version: string): Error {
  return problem('EngineUnavailable', {
    what: `The run database was written by Temporal ${wroteIt}; version ${version} is older and must not open it.`,
    where: shown(databaseFile(root)),
    todo: `Use Temporal ${wroteIt} or newer, or move ${shown(databaseFile(root))}* away to begin with no runs (the reports stay).`,
  });
}
