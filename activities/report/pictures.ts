/** Pictures as data URIs, so that the page asks nobody for them. Only pictures of the run's own datasets are shown. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { AnswerRow } from '../../config/evaluation.js';
import type { ReportFacts } from '../../config/report.js';
import type { ActivityLog } from '../processes/life.js';
import { unlessMissing } from '../processes/there.js';
import { toPath } from '../storage/files.js';

export interface Picture {
  dataUri: string;
  /** Pixels of the picture itself, whatever size it is shown at. */
  width: number;
  height: number;
}

/** By what answers call their image. */
export type Pictures = ReadonlyMap<string, Picture>;

/** A picture of more bytes is made smaller: a page of eighteen of them must open on a phone. */
const bytesAsIs = 100_000;
/** Longest side of one that was made smaller, in pixels: twice the size it is shown at. */
const longestSide = 640;

/** Makes a file lie on this disk, where the files of a project lie elsewhere. */
export type Bring = (file: string) => Promise<void>;

export async function readPictures(
  facts: ReportFacts,
  rows: AnswerRow[],
  { log, bring }: { log: ActivityLog; bring?: Bring | undefined },
): Promise<Pictures> {
  const folders = [facts.business, facts.generic].flatMap((dataset) => (dataset ? [toPath(dataset.uri)] : []));
  const names = new Set(rows.flatMap(({ image }) => (image === null ? [] : [image])));
  const found = await Promise.all(
    [...names].map(async (name): Promise<[string, Picture][]> => {
      try {
        await bring?.(name);
        const picture = await readPicture(name, folders);
        return picture ? [[name, picture]] : [];
      } catch (error) {
        log.warn('The report goes without a picture.', { image: name, why: String(error) });
        return [];
      }
    }),
  );
  return new Map(found.flat());
}

/** null for one that is missing or lies outside of the datasets. */
async function readPicture(name: string, folders: string[]): Promise<Picture | null> {
  for (const folder of folders) {
    const file = await fileWithin(folder, name);
    if (file) return asDataUri(await readFile(file));
  }
  return null;
}

/** The name is a file URI or relative to the dataset folder; links are followed before it is judged. */
async function fileWithin(folder: string, name: string): Promise<string | null> {
  const root = await unlessMissing(realpath(folder));
  const file = await unlessMissing(realpath(path.resolve(folder, toPath(name))));
  return root && file?.startsWith(root + path.sep) ? file : null;
}

async function asDataUri(bytes: Buffer): Promise<Picture> {
  const { format, width, height } = await sharp(bytes).metadata();
  const kept = format === 'png' && bytes.length <= bytesAsIs;
  const shown = kept ? bytes : await smaller(bytes);
  return { dataUri: `data:image/${kept ? 'png' : 'webp'};base64,${shown.toString('base64')}`, width, height };
}

async function smaller(bytes: Buffer): Promise<Buffer> {
  const box = { width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true } as const;
  return sharp(bytes).rotate().resize(box).webp({ quality: 82 }).toBuffer();
}
