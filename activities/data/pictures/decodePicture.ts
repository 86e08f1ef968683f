/** A picture file as the model will see it: every pixel decoded, upright, RGB on white, 8 bits. */
import sharp, { type Sharp } from 'sharp';
import { RowFault } from '../faults.js';
import { type FailOn, openPicture, pixels } from './openPicture.js';
import type { PictureHeader } from './pictureHeader.js';
import type { PictureLimits } from './pictureLimits.js';
import { isNearlyWhole, shrunk, withinAspect } from './pictureRepairs.js';
import { scaleBySensorRange } from './sensorRange.js';
import { withUsualOrientation } from './tiff.js';

export interface DecodedPicture {
  rgb: Buffer;
  width: number;
  height: number;
  /** The range of the rule `sensorRange`, where the file was deeper than 8 bits. */
  range: string | null;
  /** What was done by the task's own word: `firstFrame`, `shrunk`, `aspectPadded`, `truncatedAccepted`. */
  repairs: string[];
}

/**
 * Decodes every pixel of the first frame and brings it to the limits. Throws `RowFault` `imageDamaged` when a pixel is
 * missing, `imageDepth` where no rule scales it.
 */
export async function decodePicture(
  bytes: Buffer,
  header: PictureHeader,
  limits: PictureLimits,
): Promise<DecodedPicture> {
  if (!['uchar', 'ushort', 'float'].includes(header.depth))
    throw new RowFault('imageDepth', `the picture holds ${header.depth} values, which no rule brings to 8 bits`);
  const readable = header.format === 'tiff' ? withUsualOrientation(bytes) : bytes;
  let truncated = false;
  const decoded = await loadPixels(readable, header, header.failOn).catch(async (error: unknown) => {
    truncated = limits.truncated === 'accept' && (await isNearlyWhole(bytes, header));
    if (truncated) return loadPixels(bytes, header, 'none');
    throw error;
  });
  const padded = withinAspect(decoded, limits);
  const repairs: string[] = [];
  if (header.frames > 1) repairs.push('firstFrame');
  if (header.shrinkTo) repairs.push('shrunk');
  if (truncated) repairs.push('truncatedAccepted');
  if (padded !== decoded) repairs.push('aspectPadded');
  return { ...padded, repairs };
}

async function loadPixels(bytes: Buffer, header: PictureHeader, failOn: FailOn): Promise<Pixels> {
  const loaded = header.shrinkTo ? await shrunk(bytes, header, failOn) : bytes;
  const upright = openPicture(loaded, failOn).autoOrient();
  return header.depth === 'uchar' ? decodeBytes(upright, header) : decodeDeep(upright, header);
}

type Pixels = Omit<DecodedPicture, 'repairs'>;

async function decodeDeep(upright: Sharp, header: PictureHeader): Promise<Pixels> {
  const { depth, greyscale, extraChannel, linearLight } = header;
  if (extraChannel) upright.removeAlpha();
  if (depth === 'ushort') upright.toColourspace(greyscale ? 'grey16' : 'rgb16');
  else if (linearLight) upright.toColourspace('scrgb');
  const { data, info } = await pixels(upright.raw({ depth: depth === 'ushort' ? 'ushort' : 'float' }));
  const samples = data.length / (depth === 'ushort' ? 2 : 4);
  // A copy only where the buffer is not aligned for its samples.
  const aligned = data.byteOffset % 4 === 0 ? data : Buffer.from(new Uint8Array(data).buffer);
  const view =
    depth === 'ushort'
      ? new Uint16Array(aligned.buffer, aligned.byteOffset, samples)
      : new Float32Array(aligned.buffer, aligned.byteOffset, samples);
  const { width, height, channels } = info;
  return { ...scaleBySensorRange({ data: view, width, height, channels }), width, height };
}

async function decodeBytes(upright: Sharp, { extraChannel }: PictureHeader): Promise<Pixels> {
  const opaque = extraChannel ? upright.removeAlpha() : upright.flatten({ background: '#ffffff' });
  const { data, info } = await pixels(opaque.toColourspace('srgb').raw({ depth: 'uchar' }));
  if (info.channels !== 3) throw new RowFault('imageDepth', `the picture has ${info.channels} channels`);
  return { rgb: data, width: info.width, height: info.height, range: null };
}

/** Filters halve the file for little time; a level above 2 takes up to twice the time and saves a twentieth at most. */
export const pngOptions = { adaptiveFiltering: true, compressionLevel: 2 } as const;

/** The stored form: PNG without any metadata. */
export async function encodePng({ rgb, width, height }: Pixels): Promise<Buffer> {
  return sharp(rgb, { limitInputPixels: false, raw: { width, height, channels: 3 } })
    .png(pngOptions)
    .toBuffer();
}
