/** Writes gallery.html into a dataset's folder, beside the pictures that it shows. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from '../../storage/files.js';
import type { StoredDataset } from '../dataset.js';
import { imageTokens } from '../pictures/imageTokens.js';
import { sized } from './cards.js';
import { binsOf } from './histogram.js';
import { lookAlikes } from './lookAlikes.js';
import { galleryPage } from './page.js';
import { readLooks, readSizes } from './pictures.js';
import { survey } from './survey.js';
import type { CardGroup, CardRow, GalleryView, Histogram } from './view.js';

export interface WrittenGallery {
  file: string;
  /** Cards on the page, of so many rows. */
  shown: number;
  rows: number;
}

const mostGroups = 24;
const mostOfGroup = 6;
/** Pictures at the top of the page. */
const shownAtFirst = 20;

/** Qwen3-VL by its README: a token is 32 x 32 pixels, a picture has 256 to 1,280 of them. */
const exampleModel = { patch: 16, merge: 2, minimumPixels: 262_144, maximumPixels: 1_310_720 };

/** The same dataset gives the same page. Throws `NoSpace`. */
export async function writeGallery(
  dataset: StoredDataset,
  heartbeat: (lines: number) => void,
): Promise<WrittenGallery> {
  const view = await viewOf(dataset, heartbeat);
  const file = path.join(dataset.folder, 'gallery.html');
  const client = await readFile(fileURLToPath(new URL('./client.mjs', import.meta.url)), 'utf8');
  await writeWhole(file, galleryPage(view, client));
  return { file, shown: view.rows.length, rows: view.total };
}

async function viewOf(dataset: StoredDataset, heartbeat: (lines: number) => void): Promise<GalleryView> {
  const { folder, manifest } = dataset;
  const found = await survey(dataset, heartbeat);
  const names = new Set(found.cards.flatMap(({ pictures }) => pictures.map(({ src }) => src)));
  const sizes = await readSizes(folder, names);
  const looks = await readLooks(folder, sizes.keys());
  const rows = found.cards.map((card) => sized(card, sizes));
  const indexOf = new Map(found.cards.map((card, index) => [card, index]));
  const indexes = (cards: readonly CardRow[]) => cards.flatMap((card) => indexOf.get(card) ?? []);
  const { total, fates, bySplit, reasons, answers, conflicts, odd } = found;
  return {
    name: path.basename(folder),
    manifest,
    total,
    fates,
    bySplit,
    reasons,
    answers: { top: answers, distinct: manifest.answers.distinct },
    histograms: histogramsOf(rows),
    conflicts: {
      records: conflicts.records,
      groups: conflicts.groups.map((cards) => ({
        title: 'One question, several answers',
        rows: indexes(cards),
        bad: true,
      })),
    },
    lookAlikes: {
      compared: looks.length,
      groups: alikeGroups(
        rows,
        lookAlikes(looks).map((group) => group.map(({ src }) => src)),
      ),
    },
    odd: odd.map(({ title, cards }) => ({ title, rows: indexes(cards), bad: false })),
    glance: glanceOf(rows),
    rows,
  };
}

/** Spread over the cards, so that every split is seen. */
function glanceOf(rows: readonly CardRow[]): number[] {
  const pictured = rows.flatMap(({ pictures }, index) => (pictures.length > 0 ? [index] : []));
  const step = Math.max(1, pictured.length / shownAtFirst);
  return pictured.filter((_, place) => Math.floor(place / step) !== Math.floor((place - 1) / step));
}

/** Groups that lie in several splits first: what looks like a held-out picture was trained on. */
function alikeGroups(rows: readonly CardRow[], groups: readonly string[][]): CardGroup[] {
  const firstRow = new Map<string, number>();
  for (const [index, { pictures }] of rows.entries())
    for (const { src } of pictures) if (!firstRow.has(src)) firstRow.set(src, index);
  const told = groups.map((sources): CardGroup => {
    const shown = sources.flatMap((src) => firstRow.get(src) ?? []);
    const splits = new Set(shown.map((index) => rows[index]?.split));
    const across = splits.size > 1;
    return {
      title: across ? `Across ${[...splits].join(' and ')}` : `In ${[...splits].join()}`,
      rows: shown,
      bad: across,
    };
  });
  return told
    .sort((one, other) => Number(other.bad) - Number(one.bad) || other.rows.length - one.rows.length)
    .slice(0, mostGroups)
    .map((group) => ({ ...group, rows: group.rows.slice(0, mostOfGroup) }));
}

function histogramsOf(rows: readonly CardRow[]): Histogram[] {
  const used = rows.filter(({ fate }) => fate === 'used');
  const pictures = used.flatMap((row) => row.pictures);
  const tokensOf = (picture: { width: number; height: number }) => imageTokens(picture, exampleModel);
  const bytesOf = ({ turns, answer }: CardRow) =>
    [...turns.map(({ text }) => text), answer ?? ''].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const perRecord = used.map((row) => row.pictures.reduce((sum, picture) => sum + tokensOf(picture), bytesOf(row)));
  const model = 'as Qwen3-VL counts them: a token is 32 × 32 pixels, a picture has 256 to 1,280';
  const ofPictures = `${pictures.length} pictures of the cards`;
  const all: Omit<Histogram, 'bins'>[] = [
    { id: 'sides', title: 'Longest side', about: `pixels; ${ofPictures}` },
    { id: 'tokens', title: 'Tokens a picture', about: `${model}; ${ofPictures}` },
    {
      id: 'record-tokens',
      title: 'Tokens a record at most',
      about: `those of its pictures, and the bytes of its text; ${used.length} records`,
    },
    { id: 'answer-lengths', title: 'Length of the answer', about: `characters; ${used.length} records` },
  ];
  const values = [
    pictures.map(({ width, height }) => Math.max(width, height)),
    pictures.map(tokensOf),
    perRecord,
    used.map(({ answer }) => [...(answer ?? '')].length),
  ];
  return all
    .map((each, index) => ({ ...each, bins: binsOf(values[index] ?? []) }))
    .filter(({ bins }) => bins.length > 0);
}
