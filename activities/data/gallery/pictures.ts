/** Sizes and looks of the sample's pictures. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import pMap from 'p-map';
import sharp from 'sharp';
import { unlessMissing } from '../../processes/there.js';
import type { Look } from './lookAlikes.js';
import type { ShownPicture } from './view.js';

/** Side of the small picture that is compared. */
const lookSide = 12;
/** Each is compared with each, and decoding a large one takes a tenth of a second. */
export const mostLooks = 1500;
const picturesAtOnce = 4;

/** By path; a picture that has been removed from the folder is left out. */
export async function readSizes(folder: string, names: ReadonlySet<string>): Promise<Map<string, ShownPicture>> {
  const found = await pMap(names, (name) => unlessMissing(sizeOf(folder, name)), { concurrency: picturesAtOnce });
  return new Map(found.flatMap((picture) => (picture ? [[picture.src, picture]] : [])));
}

/** A dataset's pictures are PNG files, which say their size in their first bytes. */
async function sizeOf(folder: string, name: string): Promise<ShownPicture> {
  const file = await open(path.join(folder, name));
  try {
    const { buffer } = await file.read(Buffer.alloc(24), 0, 24, 0);
    return { src: name, width: buffer.readUInt32BE(16), height: buffer.readUInt32BE(20) };
  } finally {
    await file.close();
  }
}

export async function readLooks(folder: string, names: Iterable<string>): Promise<Look[]> {
  const taken = [...names].slice(0, mostLooks);
  return pMap(taken, (src) => lookOf(folder, src), { concurrency: picturesAtOnce });
}

async function lookOf(folder: string, src: string): Promise<Look> {
  const small = sharp(path.join(folder, src)).removeAlpha().toColourspace('srgb');
  return { src, levels: await small.resize(lookSide, lookSide, { fit: 'fill' }).raw().toBuffer() };
}
