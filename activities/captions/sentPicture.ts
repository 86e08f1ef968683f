/** A picture file as it is sent: its own bytes where they are plain, else decoded and baked as the import does. */
import sharp from 'sharp';
import type { CaptionPictures } from '../../config/captioning.js';
import { RowFault } from '../data/faults.js';
import { type DecodedPicture, decodePicture, encodePng } from '../data/pictures/decodePicture.js';
import { readHeader } from '../data/pictures/pictureHeader.js';
import type { Size } from '../data/pictures/pictureLimits.js';
import { readRegularFile } from '../data/pictures/readableFile.js';
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
  return dataUri('image/png', await encodePng(await shrunk(decoded, limits)));
}

async function readPicture(file: string): Promise<Buffer> {
  const { bytes } = await readRegularFile(file, maximumFileBytes);
  if (bytes === null) throw new RowFault('imageTooLarge', 'the file is over 256 MiB');
  return bytes;
}

async function shrunk(decoded: DecodedPicture, limits: CaptionPictures): Promise<DecodedPicture> {
  const { rgb, width, height } = decoded;
  const size = sentSize(decoded, limits);
  if (size.width === width && size.height === height) return decoded;
  const { data } = await sharp(rgb, { limitInputPixels: false, raw: { width, height, channels: 3 } })
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { ...decoded, rgb: data, ...size };
}

/** Whole pixels can make a strip longer than it was: its shorter side is at least so long that the ratio is kept in bounds. */
function sentSize({ width, height }: Size, { longestSide, maximumAspect }: CaptionPictures): Size {
  const longest = Math.max(width, height);
  if (longest <= longestSide) return { width, height };
  const shortest = Math.ceil(longestSide / maximumAspect);
  const scaled = (side: number) => Math.max(shortest, Math.round((side * longestSide) / longest));
  return { width: scaled(width), height: scaled(height) };
}

function dataUri(type: string, bytes: Buffer): string {
  return `data:${type};base64,${bytes.toString('base64')}`;
}
