/** Rows that name a folder of frames, or list them: the frames become the row's pictures, in the order of their numbers or of the list. */
import path from 'node:path';
import { counted, quoted, RowFault } from '../faults.js';
import { isPictureName } from '../pictures/imageSource.js';
import type { PictureFiles } from '../pictures/pictureFiles.js';
import type { FileSettings, ReadRow, RowFile } from './format.js';
import { isOwnName } from './sample.js';

export interface ClipRules {
  files: PictureFiles;
  root: string;
  settings: Pick<FileSettings, 'fields'>;
  /** Frames of a clip at most; of more, so many are taken evenly. */
  maximumFrames: number;
}

/** Fields that may name a clip. */
const clipFields = ['clip', 'frames', 'video'];
const videoName = /\.(mp4|m4v|mov|avi|mkv|webm|mpe?g|wmv|flv)$/i;
const notedAtMost = 20;

/** The same file with every clip's frames in place of its folder. Frames that are missing between others are noted. */
export function withFrames(file: RowFile, rules: ClipRules): RowFile {
  return { ...file, rows: rows() };

  async function* rows(): AsyncGenerator<ReadRow> {
    let gaps = 0;
    for await (const row of file.rows) {
      const clip = clipOf(row, rules);
      if (clip === undefined) yield row;
      else {
        const { row: shown, gap } = await shownRow(row, clip, { ...rules, folder: file.folder });
        if (gap !== null && ++gaps <= notedAtMost) file.notes.push(`${file.named}, line ${row.line}: ${gap}`);
        yield shown;
      }
    }
    if (gaps > notedAtMost)
      file.notes.push(`${file.named}: ${counted(gaps - notedAtMost, 'more clip')} with missing frames.`);
  }
}

/** The folder that a row names its clip by, or its list of frames; undefined where it has pictures of its own. */
function clipOf({ value }: ReadRow, { settings: { fields } }: ClipRules): string | unknown[] | undefined {
  if (value === null) return undefined;
  const pictures = [fields.image, 'image', 'images'].some((key) => value[key] !== undefined && value[key] !== null);
  if (pictures) return undefined;
  const named = clipFields.map((field) => value[field]).find((each) => Array.isArray(each) || isPath(each));
  return (named as string | unknown[] | undefined) ?? onlyFrameList(value['videos']);
}

const isPath = (value: unknown) => typeof value === 'string' && value !== '';

/** Qwen's trainers write one clip of a row as a list of frames in the list of its videos. */
function onlyFrameList(videos: unknown): unknown[] | undefined {
  const [frames, other] = Array.isArray(videos) ? videos : [];
  return Array.isArray(frames) && other === undefined ? frames : undefined;
}

async function shownRow(
  row: ReadRow,
  clip: string | unknown[],
  rules: ClipRules & { folder: string },
): Promise<{ row: ReadRow; gap: string | null }> {
  try {
    return Array.isArray(clip) ? { row: listedRow(row, clip, rules), gap: null } : await folderRow(row, clip, rules);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    const seen = Array.isArray(clip) ? [] : [rules.files.seen(clip, rules.folder, null)];
    return { row: { ...row, value: null, fault: error, seen }, gap: null };
  }
}

/** A list is in its own order, and frames may be missing from it on purpose. */
function listedRow(row: ReadRow, frames: unknown[], { settings: { fields }, maximumFrames }: ClipRules): ReadRow {
  const video = frames.find((each) => typeof each === 'string' && videoName.test(each));
  if (video !== undefined) throw new RowFault('videoNotRead', `${quoted(String(video))} is a video file`);
  if (frames.length === 0) throw new RowFault('clipEmpty', 'the list of frames is empty');
  const images = evenly(frames, maximumFrames);
  const { videos: _, ...value } = row.value ?? {};
  return { ...row, value: { ...withPlaces(value, images.length), [fields.image]: images } };
}

async function folderRow(
  row: ReadRow,
  clip: string,
  rules: ClipRules & { folder: string },
): Promise<{ row: ReadRow; gap: string | null }> {
  if (videoName.test(clip)) throw new RowFault('videoNotRead', `${quoted(clip)} is a video file`);
  const listed = await rules.files.list(clip, rules.folder);
  if (listed === null) throw new RowFault('clipEmpty', `${quoted(clip)} is no folder`);
  const frames = inOrder(listed.names.filter((name) => isPictureName(name) && isOwnName(name)));
  if (frames.length === 0) throw new RowFault('clipEmpty', `the clip ${quoted(clip)} holds no picture`);
  const missing = gapIn(frames);
  const images = evenly(frames, rules.maximumFrames).map((name) =>
    pathFrom(rules.root, path.join(listed.folder, name)),
  );
  const { fields } = rules.settings;
  const value = { ...withPlaces(row.value ?? {}, images.length), [fields.image]: images };
  if (fields.group !== undefined && row.value?.[fields.group] === undefined)
    Object.assign(value, { [fields.group]: clip });
  const repairs = missing === null ? row.repairs : [...row.repairs, 'framesMissing'];
  return {
    row: { ...row, value, repairs, seen: [listed.seen] },
    gap: missing && `the clip ${quoted(clip)} lacks ${missing}`,
  };
}

function pathFrom(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

/** By every number in a name as a number: f2 before f10. */
export function inOrder(names: string[]): string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...names].sort((one, other) => compare(one, other) || (one < other ? -1 : 1));
}

/** Which numbers are missing between frames that are a step apart; null where none is or they have no numbers. */
export function gapIn(frames: string[]): string | null {
  const numbered = frames.map((name) => ({ name, number: numberIn(name) }));
  const apart = numbered.filter(({ number }, index) => number !== numbered[index - 1]?.number);
  if (apart.length < 3 || apart.some(({ number }) => Number.isNaN(number))) return null;
  const steps = apart.slice(1).map(({ number }, index) => number - (apart[index]?.number ?? number));
  const step = steps.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const after = steps.findIndex((each) => each > step);
  if (step < 1 || after < 0) return null;
  const missing = steps.reduce((sum, each) => sum + Math.ceil(each / step) - 1, 0);
  return `${counted(missing, 'frame')}, the first after ${apart[after]?.name}`;
}

function numberIn(name: string): number {
  return Number(/(\d+)\D*$/.exec(path.parse(name).name)?.[1] ?? Number.NaN);
}

/** At most so many, the first and the last among them where there are two or more. */
export function evenly<Item>(items: Item[], most: number): Item[] {
  if (items.length <= most) return items;
  if (most === 1) return items.slice(Math.floor((items.length - 1) / 2)).slice(0, 1);
  return Array.from({ length: most }, (_, at) => items[Math.round((at * (items.length - 1)) / (most - 1))] as Item);
}

/** One place for the clip becomes as many as it has frames; a text that only talks of <video> is left to the checks. */
function withPlaces(value: Record<string, unknown>, frames: number): Record<string, unknown> {
  const places = countPlaces(value);
  return places === 1 ? (spread(value, frames) as Record<string, unknown>) : value;
}

const place = /<video>|<image>/g;
const isPlace = (part: object) => 'type' in part && (part.type === 'video' || part.type === 'image');

function countPlaces(value: unknown): number {
  if (typeof value === 'string') return value.match(place)?.length ?? 0;
  if (typeof value !== 'object' || value === null) return 0;
  const own = isPlace(value) ? 1 : 0;
  return Object.values(value).reduce((sum: number, each) => sum + countPlaces(each), own);
}

function spread(value: unknown, frames: number): unknown {
  if (typeof value === 'string') return value.replace(place, '<image>'.repeat(frames));
  if (Array.isArray(value))
    return value.flatMap((each: unknown) =>
      typeof each === 'object' && each !== null && isPlace(each)
        ? Array.from({ length: frames }, () => ({ type: 'image' }))
        : [spread(each, frames)],
    );
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, spread(each, frames)]));
}
