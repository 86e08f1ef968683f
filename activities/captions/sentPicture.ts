/** A picture file as it is sent: its own bytes where they are plain, else decoded and baked as the import does. */
import sharp from 'sharp';
import type { CaptionPictures } from '../../config/captioning.js';
import { RowFault } from '../data/faults.js';
import { type DecodedPicture, decodePicture, encodePng } from '../data/pictures/decodePicture.js';
import { readHeader } from '../data/pictures/pictureHeader.js';
import { orNotFound, statFile } from '../data/pictures/readableFile.js';
import { readBytes } from '../storage/files.js';
import { importRules } from './pictureRules.js';
import { plainType } from './plainPicture.js';

/** Larger files would fill the memory of a worker that reads several at once. */
const maximumFileBytes = 256 * 1024 * 1024;

/** A data URI. Throws `RowFault` for a picture that can't be used. */
export async function sentPicture(file: string, limits: CaptionPictures): Promise<string> {
  const bytes = await readPicture(file);
  const plain = plainType(bytes, limits);
  if (plain) return dataUri(plain, bytes);
  const rules = importRules(limits);
  const decoded = await decodePicture(bytes, await readHeader(bytes, rules), rules);
  return dataUri('image/png', await encodePng(await shrunk(decoded, limits.longestSide)));
}

async function readPicture(file: string): Promise<Buffer> {
  const { size } = await statFile(file);
  if (size > maximumFileBytes) throw new RowFault('imageTooLarge', 'the file is over 256 MiB');
  return orNotFound(readBytes(file));
}

async function shrunk(decoded: DecodedPicture, longestSide: number): Promise<DecodedPicture> {
  const { rgb, width, height } = decoded;
  if (Math.max(width, height) <= longestSide) return decoded;
  const { data, info } = await sharp(rgb, { limitInputPixels: false, raw: { width, height, channels: 3 } })
    .resize({ width: longestSide, height: longestSide, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { ...decoded, rgb: data, width: info.width, height: info.height };
}

function dataUri(type: string, bytes: Buffer): string {
  return `data:${type};base64,${bytes.toString('base64')}`;
}
