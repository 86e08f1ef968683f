/** What the formats of a folder of pictures have in common. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { counted, RowFault } from '../faults.js';
import { isPictureName } from '../pictures/imageSource.js';
import { joined, listFolders } from './folderListing.js';
import { metadataNames } from './folderMetadata.js';
import type { Opening, ReadRow, RowFile } from './format.js';
import { rowFile } from './rowFile.js';
import { partKind } from './sample.js';

const namedAtMost = 5;

export type Made = Omit<RowFile, 'rows'>;
type Rows = (opening: Opening, made: Made) => AsyncGenerator<ReadRow>;

export async function openFolder(opening: Opening, format: string, rows: Rows): Promise<RowFile> {
  const made = rowFile(opening, format);
  return { ...made, rows: numbered(rows(opening, made)) };
}

/** Rows have no lines of their own: they are counted, in the order of the listing. */
async function* numbered(rows: AsyncGenerator<ReadRow>): AsyncGenerator<ReadRow> {
  let line = 0;
  for await (const row of rows) {
    line += 1;
    yield { ...row, line };
  }
}

/** "1.jpg" goes with "1.txt" and with "1.jpg.txt"; other dots are part of the name. */
export function sidecarStem(name: string): string {
  const stem = path.parse(name).name;
  return isPictureName(stem) ? path.parse(stem).name : stem;
}

export interface Glance {
  pictures: boolean;
  /** Beside pictures, under their names. */
  texts: boolean;
  /** The first metadata file. */
  metadata: string | null;
  /** The folder itself holds files of records: its pictures are those that they name. */
  records: boolean;
}

const recordName = /\.(jsonl|ndjson|json|csv|tsv|parquet|tar)(\.(gz|zst))?$/i;

/** What kinds of files there are; stops at the first metadata, which decides. */
export async function glance(root: string): Promise<Glance> {
  const found: Glance = { pictures: false, texts: false, metadata: null, records: false };
  for await (const { folder, files } of listFolders(root)) {
    const metadata = metadataNames.find((name) => files.includes(name));
    if (metadata) return { ...found, metadata: joined(folder, metadata) };
    const shown = new Set(files.filter(isPictureName).map(sidecarStem));
    const others = files.filter((name) => !isPictureName(name));
    found.pictures ||= shown.size > 0;
    found.texts ||= others.some((name) => partKind(name) !== null && shown.has(sidecarStem(name)));
    found.records ||= folder === '' && others.some((name) => recordName.test(name) && !shown.has(sidecarStem(name)));
  }
  return found;
}

/** Relative to the root, so that no other picture of that name comes first. */
export function pathFrom(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

export function row(value: Record<string, unknown>): ReadRow {
  return { line: 0, bytes: 256, value, fault: null, repairs: [] };
}

export function rowOrFault(make: () => Record<string, unknown>): ReadRow {
  try {
    return row(make());
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { ...row({}), value: null, fault: error };
  }
}

/** How many there were, and the first few by name. */
class Names {
  count = 0;
  readonly first: string[] = [];

  add(name: string): void {
    this.count += 1;
    if (this.first.length < namedAtMost) this.first.push(name);
  }
}

/** What was seen beside the rows, for notes. */
export class Seen {
  readonly splits = new Set<string>();
  readonly deep = new Names();
  readonly others = new Names();

  notes(named: string): string[] {
    const notes: string[] = [];
    const { splits, deep, others } = this;
    if (splits.size > 0)
      notes.push(
        `${named} declares the splits ${[...splits].join(', ')}: Anneal makes its own, by what records share.`,
      );
    if (deep.count > 0)
      notes.push(
        `${named}: folders inside a class belong to it (${counted(deep.count, 'folder')}: ${deep.first.join(', ')}).`,
      );
    if (others.count > 0)
      notes.push(
        `${named}: ${counted(others.count, 'file')} not read, since they are no pictures: ${others.first.join(', ')}.`,
      );
    return notes;
  }
}

/** Names of all files, and the content of those that are no pictures: the store watches pictures itself. */
export async function* contentsOf(root: string): AsyncGenerator<Uint8Array> {
  for await (const { folder, files } of listFolders(root))
    for (const name of files) {
      const relative = joined(folder, name);
      yield Buffer.from(`${relative.length} ${relative}\n`);
      const isText = metadataNames.includes(name) || (!isPictureName(name) && partKind(name) !== null);
      const isThere = isText && (await stat(path.join(root, relative)).catch(() => null)) !== null;
      if (isThere) yield* createReadStream(path.join(root, relative)) as AsyncIterable<Buffer>;
    }
}
