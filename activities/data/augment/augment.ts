/** Copies of a record with changed pictures (R7). Which change is drawn here, purely; the pixels are sharp's. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { Augment, TransformName } from '../../../config/augment.js';
import type { AnswerKind } from '../../../config/evaluation.js';
import type { TaskRecord } from '../../../config/records.js';
import type { LanguageSetting } from '../../../config/variants.js';
import { Draws } from '../convert/draws.js';
import { questionOf } from '../convert/subject.js';
import type { DecodedPicture } from '../pictures/decodePicture.js';
import { type Refusal, safeTransforms } from './safety.js';
import { type Planned, plan, transformed } from './transform.js';

export interface AugmentSettings {
  augment: Augment;
  answer: AnswerKind;
  language: LanguageSetting;
  seed: number;
}

export interface AugmentPlan {
  id: string;
  by: `augment:${TransformName}`;
  /** One for each picture of the record. */
  pictures: Planned[];
}

/**
 * The copies that a record gets, without a pixel read, and the transforms that were refused for it, with the reason. A
 * record without a picture, or made from another, gets none.
 */
export function planCopies(
  record: TaskRecord,
  settings: AugmentSettings,
): { copies: AugmentPlan[]; refused: Refusal[] } {
  const { augment, answer, language, seed } = settings;
  const draws = new Draws(seed, record.id, 'augment');
  if (record.images.length === 0 || record.from || draws.next() >= augment.share) return { copies: [], refused: [] };
  const asked = { question: questionOf(record) ?? '', answer: record.answerKind ?? answer, language };
  const { safe, refused } = safeTransforms(augment, asked);
  const copies = draws
    .shuffled(safe)
    .slice(0, augment.copies)
    .map((transform): AugmentPlan => {
      const pictures = record.images.map(() => plan(transform, augment, draws));
      return { id: `${record.id}/augment:${transform}`, by: `augment:${transform}`, pictures };
    });
  return { copies, refused };
}

/** What the effect needs: the dataset folder, and where a new picture is kept, named by its content. */
export interface AugmentPlaces {
  folder: string;
  /** Stores pixels once and returns their file name relative to the folder, such as images/<sha256>.png. */
  keep(picture: DecodedPicture): Promise<string>;
}

/** Makes one copy: new pictures, and everything else as in its parent. */
export async function makeCopy(record: TaskRecord, copy: AugmentPlan, places: AugmentPlaces): Promise<TaskRecord> {
  const images: string[] = [];
  for (const [index, file] of record.images.entries()) {
    const planned = copy.pictures[index];
    if (!planned) continue;
    const picture = await readPicture(path.join(places.folder, file));
    images.push(await places.keep(await transformed(picture, planned, (seed) => new Draws(copy.id, seed))));
  }
  return { ...record, id: copy.id, images, from: { record: record.id, by: copy.by } };
}

async function readPicture(file: string): Promise<DecodedPicture> {
  const stored = sharp(await readFile(file), { limitInputPixels: false })
    .removeAlpha()
    .toColourspace('srgb');
  const { data, info } = await stored.raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height, range: null, repairs: [] };
}
