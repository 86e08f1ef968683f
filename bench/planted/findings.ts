/** What the checks found in a built dataset, by kind: the one place where findings are taken from. */
import path from 'node:path';
import sharp from 'sharp';
import { languageOf } from '../../activities/data/checks/language.js';
import { type NearPictureFindings, NearPictures } from '../../activities/data/checks/nearPictures.js';
import { NearTexts } from '../../activities/data/checks/nearTexts.js';
import { personalDataIn } from '../../activities/data/checks/personalData.js';
import { fingerprintOf } from '../../activities/data/pictures/fingerprint.js';
import { readJson, readJsonLines } from '../../activities/storage/files.js';
import { DatasetManifest, LedgerRow, type Split, splitNames, TaskRecord } from '../../config/records.js';
import { captionIn } from './dataset.js';

export interface Findings {
  /** Lines by the code of the ledger: reasons of rejected rows, `sameRecord` for merged ones. */
  byReason: Map<string, Set<number>>;
  /** Lines that are kept on one side of the split with another one. */
  groups: Map<string, number[]>;
  splits: Map<number, Split>;
  /** Records with the pictures and question of another one and a different answer. */
  conflicts: number;
  nearPictures: number[][];
  nearTexts: number[][];
  languages: Map<number, string>;
  personal: Set<number>;
  pictures: NearPictureFindings;
  counts: DatasetManifest['counts'];
}

/** Reads the dataset, and runs the checks that the build does not run yet on its records and pictures. */
export async function findingsOf(folder: string): Promise<Findings> {
  const manifest = DatasetManifest.parse(await readJson(path.join(folder, 'manifest.json')));
  const byReason = new Map<string, Set<number>>();
  for await (const line of readJsonLines(path.join(folder, 'ledger.jsonl'))) {
    const row = LedgerRow.parse(line);
    const reason = row.fate === 'merged' ? 'sameRecord' : row.fate === 'rejected' ? (row.reason ?? '') : null;
    if (reason !== null) byReason.set(reason, (byReason.get(reason) ?? new Set()).add(row.line));
  }
  const conflicts = /(\d+) of \d+ records? .*different answers/.exec(
    [...manifest.questions, ...manifest.notes].join('\n'),
  );
  return { byReason, conflicts: Number(conflicts?.[1] ?? 0), counts: manifest.counts, ...(await checked(folder)) };
}

async function checked(folder: string): Promise<Omit<Findings, 'byReason' | 'conflicts' | 'counts'>> {
  const [near, texts] = [new NearPictures(), new NearTexts()];
  const [handles, shown] = [new Map<string, number>(), new Map<number, number[]>()];
  const [lines, groups, splits] = [[] as number[], new Map<string, number[]>(), new Map<number, Split>()];
  const [languages, personal] = [new Map<number, string>(), new Set<number>()];
  for (const split of splitNames)
    for await (const value of readJsonLines(path.join(folder, `${split}.jsonl`))) {
      const record = TaskRecord.parse(value);
      const line = Number(record.id.slice(1));
      groups.set(record.group, [...(groups.get(record.group) ?? []), line]);
      splits.set(line, split);
      const text = captionIn(textOf(record));
      const language = languageOf(text);
      if (language !== null) languages.set(line, language);
      if (personalDataIn(text).length > 0) personal.add(line);
      lines[texts.add(text)] = line;
      for (const image of record.images) {
        const handle = handles.get(image) ?? near.add(fingerprintOf(await pixelsOf(path.join(folder, image))));
        handles.set(image, handle);
        shown.set(handle, [...(shown.get(handle) ?? []), line]);
      }
    }
  const pictures = near.find();
  const nearTexts = texts.find().clusters;
  const linesOf = (handle: number) => [...new Set(shown.get(handle) ?? [])];
  return {
    groups,
    splits,
    languages,
    personal,
    pictures,
    nearPictures: together([...shown.keys()], pictures.clusters).map((handleList) => handleList.flatMap(linesOf)),
    nearTexts: together([...lines.keys()], nearTexts).map((each) => each.map((handle) => lines[handle] as number)),
  };
}

/** Clusters of two and more. */
function together(handles: number[], clusters: { of(handle: number): number }): number[][] {
  const members = new Map<number, number[]>();
  for (const handle of handles) members.set(clusters.of(handle), [...(members.get(clusters.of(handle)) ?? []), handle]);
  return [...members.values()].filter(({ length }) => length > 1);
}

function textOf({ messages }: TaskRecord): string {
  return (messages.at(-1)?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export async function pixelsOf(file: string | Buffer): Promise<{ rgb: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(file)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}
