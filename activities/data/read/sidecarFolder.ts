/** Folders of pictures with a text, or a JSON object, beside each. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RowFault } from '../faults.js';
import { joined, listFolders } from './folderListing.js';
import { contentsOf, glance, type Made, openFolder, pathFrom, rowOrFault, Seen, sidecarStem } from './folderRows.js';
import type { FileFormat, Opening, ReadRow, Recognised } from './format.js';
import { partKind, type SamplePart, type SampleRules, sampleValue } from './sample.js';

export const sidecar: FileFormat = {
  name: 'sidecar',
  async recognise({ file, start }): Promise<Recognised | null> {
    if (!start.isFolder) return null;
    const { pictures, texts, records } = await glance(file);
    return pictures && texts && !records
      ? { confidence: 'likely', why: 'holds pictures with texts of the same names' }
      : null;
  },
  open: (opening) => openFolder(opening, 'sidecar', sidecarRows),
  contents: (opening) => contentsOf(opening.file),
};

/** Text beside a picture above this is no answer. */
const maximumTextBytes = 16 * 1024 * 1024;
/** The files of a folder that share a stem make a row. */
async function* sidecarRows(opening: Opening, made: Made): AsyncGenerator<ReadRow> {
  const rules: SampleRules = { settings: opening.settings, textsExpected: true };
  const seen = new Seen();
  for await (const { folder, files } of listFolders(opening.file)) {
    const samples = new Map<string, string[]>();
    for (const name of files) {
      if (partKind(name) === null) seen.others.add(joined(folder, name));
      else samples.set(sidecarStem(name), [...(samples.get(sidecarStem(name)) ?? []), name]);
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
  const found = await stat(at).catch(() => null);
  if (found === null)
    return { fault: new RowFault('textBroken', `"${joined(folder, name)}" is a link that leads nowhere`) };
  if (found.size > maximumTextBytes)
    return { fault: new RowFault('textTooLarge', `"${joined(folder, name)}" is over 16 MiB`) };
  return { name, kind, bytes: await readFile(at) };
}
