/** Folders of pictures: with metadata, one folder a class, a text beside each, or nothing but pictures. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RowFault } from '../faults.js';
import { isPictureName } from '../pictures/imageSource.js';
import { joined, type ListedFolder, listFolders, withoutSplits } from './folderListing.js';
import { metadataNames, metadataRows, namedPicture } from './folderMetadata.js';
import type { FileFormat, Opening, ReadRow, Recognised, RowFile } from './format.js';
import { rowFile } from './rowFile.js';
import { partKind, type SamplePart, type SampleRules, sampleValue, stemOf } from './sample.js';

export const imageFolder: FileFormat = {
  name: 'imageFolder',
  recognise: recogniseImageFolder,
  open: (opening) => openFolder(opening, 'imageFolder', pictureRows),
  contents: (opening) => contentsOf(opening.file),
};

export const sidecar: FileFormat = {
  name: 'sidecar',
  async recognise({ file, start }): Promise<Recognised | null> {
    if (!start.isFolder) return null;
    const { pictures, texts } = await glance(file);
    return pictures && texts ? { confidence: 'likely', why: 'holds pictures with texts of the same names' } : null;
  },
  open: (opening) => openFolder(opening, 'sidecar', sidecarRows),
  contents: (opening) => contentsOf(opening.file),
};

/** Text beside a picture above this is no answer. */
const maximumTextBytes = 16 * 1024 * 1024;
const namedAtMost = 5;

type Made = Omit<RowFile, 'rows'>;
type Rows = (opening: Opening, made: Made) => AsyncGenerator<ReadRow>;

async function openFolder(opening: Opening, format: string, rows: Rows): Promise<RowFile> {
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

async function recogniseImageFolder({ file, start }: Opening): Promise<Recognised | null> {
  if (!start.isFolder) return null;
  const { pictures, texts, metadata } = await glance(file);
  if (metadata) return { confidence: 'sure', why: `holds ${metadata}` };
  return pictures && !texts ? { confidence: 'likely', why: 'holds pictures and no texts beside them' } : null;
}

/** What kinds of files there are; stops at the first metadata, which decides. */
async function glance(root: string): Promise<{ pictures: boolean; texts: boolean; metadata: string | null }> {
  let pictures = false;
  let texts = false;
  for await (const { folder, files } of listFolders(root)) {
    const metadata = metadataNames.find((name) => files.includes(name));
    if (metadata) return { pictures, texts, metadata: joined(folder, metadata) };
    const shown = new Set(files.filter(isPictureName).map(stemOf));
    pictures ||= shown.size > 0;
    texts ||= files.some((name) => !isPictureName(name) && partKind(name) !== null && shown.has(stemOf(name)));
  }
  return { pictures, texts, metadata: null };
}

/** With metadata its rows; else a row a picture, its answer the folder below the whole or its splits. */
async function* pictureRows(opening: Opening, made: Made): AsyncGenerator<ReadRow> {
  const seen = new Seen();
  for await (const listed of listFolders(opening.file)) {
    const { segments, split } = withoutSplits(listed.folder);
    if (split) seen.splits.add(split);
    const metadata = metadataNames.find((name) => listed.files.includes(name));
    if (metadata) {
      yield* describedRows(opening, listed, metadata);
      continue;
    }
    if (segments.length > 1) seen.deep.add(listed.folder);
    const [label] = segments;
    for (const name of listed.files) {
      if (isPictureName(name)) yield row({ ...picture(opening, listed.folder, name), ...answer(opening, label) });
      else seen.others.push(joined(listed.folder, name));
    }
  }
  made.notes.push(...seen.notes(made.named));
}

function answer({ settings }: Opening, label: string | undefined): Record<string, unknown> {
  return label === undefined ? {} : { [settings.fields.answer]: label.normalize('NFC') };
}

function picture({ file, root, settings }: Opening, folder: string, name: string): Record<string, unknown> {
  const { id, image } = settings.fields;
  return { [id]: joined(folder, name).normalize('NFC'), [image]: pathFrom(root, path.join(file, folder, name)) };
}

/** Relative to the root, so that no other picture of that name comes first. */
function pathFrom(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

function row(value: Record<string, unknown>): ReadRow {
  return { line: 0, bytes: 256, value, fault: null, repairs: [] };
}

function rowOrFault(make: () => Record<string, unknown>): ReadRow {
  try {
    return row(make());
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { ...row({}), value: null, fault: error };
  }
}

/** The rows of a metadata file, then the pictures in its folder that it doesn't name. */
async function* describedRows(opening: Opening, { folder, files }: ListedFolder, name: string): AsyncGenerator<ReadRow> {
  const { file, root, named, settings } = opening;
  const described = new Set<string>();
  for await (const each of metadataRows(path.join(file, folder, name), `${named}/${joined(folder, name)}`)) {
    if (each.value === null) yield each;
    else {
      const { value } = each;
      const made = rowOrFault(() => {
        const shown = namedPicture(value);
        described.add(path.posix.normalize(shown));
        return { ...value, [settings.fields.image]: pathFrom(root, path.join(file, folder, shown)) };
      });
      yield { ...made, bytes: each.bytes };
    }
  }
  for (const each of files) if (isPictureName(each) && !described.has(each)) yield alone(opening, folder, each);
}

/** A picture of which nothing is said while others have something. */
function alone(opening: Opening, folder: string, name: string): ReadRow {
  return rowOrFault(() => {
    if (opening.settings.unanswered === 'wait') return picture(opening, folder, name);
    throw new RowFault('pictureAlone', `nothing is said of "${joined(folder, name)}"`);
  });
}

/** What was seen beside the rows, for notes. */
class Seen {
  readonly splits = new Set<string>();
  readonly deep = new Set<string>();
  readonly others: string[] = [];

  notes(named: string): string[] {
    const notes: string[] = [];
    const list = (names: Iterable<string>) => [...names].slice(0, namedAtMost).join(', ');
    if (this.splits.size > 0)
      notes.push(`${named} declares the splits ${list(this.splits)}; Anneal splits anew, so that no picture is on two sides.`);
    if (this.deep.size > 0)
      notes.push(`${named}: pictures in ${this.deep.size} folders inside a class, such as ${list(this.deep)}, are of that class.`);
    if (this.others.length > 0)
      notes.push(`${named}: ${this.others.length} files are no pictures and not read: ${list(this.others)}.`);
    return notes;
  }
}

/** The files of a folder that share a stem make a row. */
async function* sidecarRows(opening: Opening, made: Made): AsyncGenerator<ReadRow> {
  const rules: SampleRules = { settings: opening.settings, textsExpected: true };
  const seen = new Seen();
  for await (const { folder, files } of listFolders(opening.file)) {
    const samples = new Map<string, string[]>();
    for (const name of files) {
      if (partKind(name) === null) seen.others.push(joined(folder, name));
      else samples.set(stemOf(name), [...(samples.get(stemOf(name)) ?? []), name]);
    }
    for (const [stem, names] of samples) {
      const parts = await Promise.all(names.map((name) => partOf(opening, folder, name)));
      yield rowOrFault(() => sampleValue(joined(folder, stem).normalize('NFC'), parts.map(read), rules));
    }
  }
  made.notes.push(...seen.notes(made.named));
}

type FoundPart = SamplePart | { fault: RowFault };

function read(part: FoundPart): SamplePart {
  if ('fault' in part) throw part.fault;
  return part;
}

async function partOf({ file, root }: Opening, folder: string, name: string): Promise<FoundPart> {
  const kind = partKind(name);
  const at = path.join(file, folder, name);
  if (kind === 'picture' || kind === null) return { name, kind: 'picture', picture: pathFrom(root, at) };
  if ((await stat(at)).size > maximumTextBytes)
    return { fault: new RowFault('textTooLarge', `"${joined(folder, name)}" is over 16 MiB`) };
  return { name, kind, bytes: await readFile(at) };
}

/** Names of all files, and the content of those that are no pictures: the store watches pictures itself. */
async function* contentsOf(root: string): AsyncGenerator<Uint8Array> {
  for await (const { folder, files } of listFolders(root))
    for (const name of files) {
      const relative = joined(folder, name);
      yield Buffer.from(`${relative.length} ${relative}\n`);
      const isText = metadataNames.includes(name) || (!isPictureName(name) && partKind(name) !== null);
      if (isText) yield* createReadStream(path.join(root, relative)) as AsyncIterable<Buffer>;
    }
}
