/** Folders of pictures: with metadata, one folder a class, or nothing but pictures. */
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { RowFault } from '../faults.js';
import { isPictureName } from '../pictures/imageSource.js';
import { annotationsQuestion } from './annotationFiles.js';
import { joined, type ListedFolder, listFolders, withoutSplits } from './folderListing.js';
import { metadataNames, metadataRows, namedPicture } from './folderMetadata.js';
import { contentsOf, glance, type Made, openFolder, pathFrom, row, rowOrFault, Seen } from './folderRows.js';
import type { FileFormat, Opening, ReadRow, Recognised } from './format.js';

export const imageFolder: FileFormat = {
  name: 'imageFolder',
  recognise: recogniseImageFolder,
  open: (opening) => openFolder(opening, 'imageFolder', pictureRows),
  contents: (opening) => contentsOf(opening.file),
};

async function recogniseImageFolder({ file, start }: Opening): Promise<Recognised | null> {
  if (!start.isFolder) return null;
  const { pictures, texts, metadata, records } = await glance(file);
  if (metadata) return { confidence: 'sure', why: `holds ${metadata}` };
  return pictures && !texts && !records
    ? { confidence: 'likely', why: 'holds pictures and no texts beside them' }
    : null;
}

/** With metadata its rows; else a row a picture, its answer the folder below the whole or its splits. */
async function* pictureRows(opening: Opening, made: Made): AsyncGenerator<ReadRow> {
  const seen = new Seen();
  const { classes, records } = await survey(opening.file);
  if (records !== null && classes.size < 2)
    throw problem('DatasetInvalid', {
      what: `The folder holds pictures without classes, and files of records below, such as ${records}.`,
      where: made.named,
      todo: 'Name the files of records, or a glob such as "data/*.jsonl"; they name their pictures.',
    });
  const described: Described[] = [];
  for await (const listed of listFolders(opening.file)) {
    const { segments, split } = withoutSplits(listed.folder);
    if (split) seen.splits.add(split);
    const metadata = metadataNames.find((name) => listed.files.includes(name));
    if (metadata) described.push({ folder: listed.folder, names: new Set() });
    const by = described.findLast(({ folder }) => folder === '' || `${listed.folder}/`.startsWith(`${folder}/`));
    if (metadata && by) yield* describedRows(opening, metadata, by);
    if (by) {
      yield* leftOutRows(opening, listed, by);
      continue;
    }
    const label = segments[0] !== undefined && classes.has(segments[0]) && classes.size > 1 ? segments[0] : undefined;
    if (label !== undefined && segments.length > 1) seen.deep.add(listed.folder);
    for (const name of listed.files) {
      if (isPictureName(name)) yield row({ ...picture(opening, listed.folder, name), ...answer(opening, label) });
      else seen.others.add(joined(listed.folder, name));
    }
  }
  made.notes.push(...seen.notes(made.named));
  const question = await annotationsQuestion(opening.file, made.named, seen.others.first);
  if (question) made.questions.push(question);
}

/** What tells whose the pictures are. One folder of pictures is no class: a class is told from another. */
async function survey(root: string): Promise<{ classes: Set<string>; records: string | null }> {
  const classes = new Set<string>();
  let records: string | null = null;
  let isDescribed = false;
  for await (const { folder, files } of listFolders(root)) {
    const [label] = withoutSplits(folder).segments;
    if (label !== undefined && files.some(isPictureName)) classes.add(label);
    const found = files.find((name) => recordName.test(name) && !metadataNames.includes(name));
    if (found !== undefined) records ??= joined(folder, found);
    isDescribed ||= files.some((name) => metadataNames.includes(name));
  }
  return { classes, records: isDescribed ? null : records };
}

/** Not .json, which may lie beside each picture. */
const recordName = /\.(jsonl|ndjson|csv|tsv|parquet)(\.(gz|zst))?$/i;

/** Null says that there is none yet. */
function answer({ settings }: Opening, label: string | undefined): Record<string, unknown> {
  return { [settings.fields.answer]: label?.normalize('NFC') ?? null };
}

function picture({ file, root, settings }: Opening, folder: string, name: string): Record<string, unknown> {
  const { id, image } = settings.fields;
  return { [id]: joined(folder, name).normalize('NFC'), [image]: pathFrom(root, path.join(file, folder, name)) };
}

/** A folder whose metadata speak for it and for those below, and the pictures that they name, from the whole on. */
interface Described {
  folder: string;
  names: Set<string>;
}

async function* describedRows(opening: Opening, name: string, { folder, names }: Described): AsyncGenerator<ReadRow> {
  const { file, root, named, settings } = opening;
  const place = `${named}/${joined(folder, name)}`;
  for await (const each of metadataRows(path.join(file, folder, name), place)) {
    const { value } = each;
    if (value === null) {
      yield { ...each, fault: placed(each, place) };
      continue;
    }
    const made = rowOrFault(() => {
      const shown = path.posix.normalize(joined(folder, namedPicture(value)));
      names.add(shown);
      return { ...value, [settings.fields.image]: pathFrom(root, path.join(file, shown)) };
    });
    yield { ...made, bytes: each.bytes };
  }
}

/** The pictures of a described folder that its metadata don't name. */
function* leftOutRows(opening: Opening, { folder, files }: ListedFolder, { names }: Described): Generator<ReadRow> {
  for (const name of files)
    if (isPictureName(name) && !names.has(joined(folder, name))) yield alone(opening, folder, name);
}

/** The row is counted in its folder; what is wrong with it lies in the metadata. */
function placed({ fault, line }: ReadRow, place: string): RowFault | null {
  return fault && new RowFault(fault.reason, `${place}, line ${line}: ${fault.detail}`, { cause: fault });
}

/** A picture of which nothing is said while others have something. */
function alone(opening: Opening, folder: string, name: string): ReadRow {
  return rowOrFault(() => {
    if (opening.settings.unanswered === 'wait')
      return { ...picture(opening, folder, name), ...answer(opening, undefined) };
    throw new RowFault('pictureAlone', `nothing is said of "${joined(folder, name)}"`);
  });
}
