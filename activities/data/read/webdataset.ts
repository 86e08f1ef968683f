/** WebDataset: a tar file whose members of one stem make a sample, wherever they lie in it. */
import { problem } from '../../../config/problems.js';
import { RowFault } from '../faults.js';
import { CarriedPicture } from '../pictures/imageSource.js';
import type { FileFormat, Opening, ReadRow, RowFile } from './format.js';
import { openRandom, type RandomBytes } from './randomBytes.js';
import { rowFile } from './rowFile.js';
import { isOwnName, partKind, type SamplePart, type SampleRules, sampleValue, stemOf } from './sample.js';
import { StemIndex } from './stemIndex.js';
import { isTar, memberAt, type TarMember, tarMembers } from './tar.js';

export const webdataset: FileFormat = {
  name: 'webdataset',
  recognise: ({ start }) =>
    isTar(start.bytes) ? { confidence: 'sure', why: 'begins with the header of a tar file' } : null,
  open: async (opening) => {
    const made = rowFile(opening, 'webdataset');
    return { ...made, rows: tarRows(opening, made) };
  },
};

/** A text member or carried picture above this is no sample's. */
const maximumTextBytes = 16 * 1024 * 1024;
const maximumPictureBytes = 512 * 1024 * 1024;

interface Shard {
  opening: Opening;
  bytes: RandomBytes;
  rules: SampleRules;
}

/** Headers first, then one sample after another. */
async function* tarRows(opening: Opening, made: Pick<RowFile, 'notes'>): AsyncGenerator<ReadRow> {
  const bytes = await openRandom(opening.file, opening.named);
  try {
    const { index, textsExpected } = await indexOf(bytes, opening, made);
    const shard = { opening, bytes, rules: { settings: opening.settings, textsExpected } };
    let line = 0;
    for (const headers of index.groups())
      for (const members of await samplesOf(shard, headers)) {
        line += 1;
        yield await sampleRow(shard, line, members);
      }
  } finally {
    await bytes.close();
  }
}

async function indexOf(
  bytes: RandomBytes,
  { named }: Opening,
  { notes }: Pick<RowFile, 'notes'>,
): Promise<{ index: StemIndex; textsExpected: boolean }> {
  const index = new StemIndex();
  const unread = new Map<string, number>();
  let textsExpected = false;
  let records: string | null = null;
  const members = tarMembers(bytes, named);
  for (;;) {
    const { value: member, done } = await members.next();
    if (done) {
      if (!member) notes.push(`${named} has no end mark: it may have lost members.`);
      break;
    }
    if (!member.isFile || !isOwnName(member.name)) continue;
    const kind = partKind(member.name);
    if (recordName.test(member.name)) records ??= member.name;
    if (kind === null) unread.set(suffixOf(member.name), (unread.get(suffixOf(member.name)) ?? 0) + 1);
    else index.add(stemOf(member.name), member.header);
    textsExpected ||= kind !== null && kind !== 'picture';
  }
  if (records !== null && !textsExpected)
    throw problem('DatasetInvalid', {
      what: `The tar file holds a file of records, ${records}, beside its pictures.`,
      where: named,
      todo: 'Unpack it into a folder (tar -xf), and name the file of records in it.',
    });
  const counts = [...unread].slice(0, 10).map(([suffix, count]) => `${count} of ${suffix}`);
  if (counts.length > 0) notes.push(`${named}: members of these kinds are not read: ${counts.join(', ')}.`);
  return { index, textsExpected };
}

/** Not .json, which is what a sample's fields are written in. */
const recordName = /\.(jsonl|ndjson|csv|tsv|parquet)(\.(gz|zst))?$/i;

function suffixOf(name: string): string {
  return /\.[^./]{1,20}$/.exec(name)?.[0] ?? 'no suffix';
}

/** The members at these places by their stems, which are one but for equal hashes. */
async function samplesOf({ bytes, opening }: Shard, headers: number[]): Promise<TarMember[][]> {
  const byStem = new Map<string, TarMember[]>();
  for (const header of headers) {
    const member = await memberAt(bytes, header, opening.named);
    if (member) byStem.set(stemOf(member.name), [...(byStem.get(stemOf(member.name)) ?? []), member]);
  }
  return [...byStem.values()];
}

async function sampleRow(shard: Shard, line: number, members: TarMember[]): Promise<ReadRow> {
  const stem = stemOf(members[0]?.name ?? '');
  const row = { line, bytes: 0, value: null, fault: null, repairs: [] };
  try {
    const parts: SamplePart[] = [];
    for (const member of members) parts.push(await partOf(shard, member));
    const held = members.filter(({ name }) => !shard.bytes.inPlace || partKind(name) !== 'picture');
    const bytes = held.reduce((sum, { size }) => sum + size, 0);
    return { ...row, bytes, value: sampleValue(stem, parts, shard.rules) };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { ...row, value: null, fault: error };
  }
}

/** Pictures of a plain tar stay where they are until they are decoded. */
async function partOf({ bytes, opening }: Shard, member: TarMember): Promise<SamplePart> {
  const { name, offset, size } = member;
  const kind = partKind(name);
  if (kind === 'picture' || kind === null) {
    if (size > maximumPictureBytes) throw new RowFault('imageTooLarge', `${name} is over 512 MiB`);
    const source = bytes.inPlace
      ? ({ kind: 'slice', file: opening.file, offset, length: size, name } as const)
      : ({ kind: 'bytes', bytes: await bytes.read(offset, size), name } as const);
    return { name, kind: 'picture', picture: new CarriedPicture(source) };
  }
  if (size > maximumTextBytes) throw new RowFault('textTooLarge', `${name} is over 16 MiB`);
  return { name, kind, bytes: await bytes.read(offset, size) };
}
