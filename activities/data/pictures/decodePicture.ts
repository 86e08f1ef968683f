/** A picture file as the model will see it: every pixel decoded, upright, RGB on white, 8 bits. */
import sharp, { type Metadata, type OutputInfo, type Sharp } from 'sharp';
import { RowFault } from '../faults.js';
import { exifOrientation } from './exif.js';
import { scaleBySensorRange } from './sensorRange.js';

export interface PictureLimits {
  maximumPixels: number;
  /** Longest side over shortest. */
  maximumAspect: number;
}

export interface PictureHeader {
  format: string;
  width: number;
  height: number;
  depth: string;
  greyscale: boolean;
  /** EXIF orientation as written; 1 where there is none. */
  orientation: number;
}

export interface DecodedPicture {
  rgb: Buffer;
  width: number;
  height: number;
  /** The range of the rule `sensorRange`, where the file was deeper than 8 bits. */
  range: string | null;
}

/** Formats whose decoders draw pixels and nothing else: SVG and PDF would read fonts and other files. */
const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'jp2', 'jxl'];

/** Reads the header only. Throws `RowFault` for what needs no pixel to refuse. */
export async function readHeader(bytes: Buffer, limits: PictureLimits): Promise<PictureHeader> {
  if (bytes.length === 0) throw new RowFault('imageEmpty', 'the file has 0 bytes');
  const claimed = pngSize(bytes);
  if (claimed) checkPixels(claimed.width, claimed.height, limits);
  const metadata = await metadataOf(bytes);
  const { format, width, height, depth, pages, channels } = metadata;
  if (!formats.includes(format)) throw new RowFault('imageUnreadable', `the content is ${format}`);
  if ((pages ?? 1) > 1) throw new RowFault('imageAnimated', `the picture has ${pages} frames or pages`);
  checkPixels(width, height, limits);
  const aspect = Math.max(width, height) / Math.min(width, height);
  if (aspect > limits.maximumAspect)
    throw new RowFault(
      'imageAspect',
      `${width} x ${height} has the ratio ${aspect.toFixed(1)}, over ${limits.maximumAspect}`,
    );
  const orientation = exifOrientation(metadata.exif) ?? metadata.orientation ?? 1;
  return { format, width, height, depth, greyscale: channels < 3, orientation };
}

/** A PNG says its size in its first bytes; the decoder tells none when what follows is broken. */
function pngSize(bytes: Buffer): { width: number; height: number } | null {
  if (bytes.length < 24 || bytes.toString('latin1', 1, 4) !== 'PNG') return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function checkPixels(width: number, height: number, { maximumPixels }: PictureLimits): void {
  if (width * height > maximumPixels)
    throw new RowFault('imageTooLarge', `${width} x ${height} pixels, over the limit of ${maximumPixels}`);
}

async function metadataOf(bytes: Buffer): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (error) {
    const start = bytes.subarray(0, 256).toString('latin1').trimStart().toLowerCase();
    const page = start.startsWith('<!doctype html') || start.startsWith('<html');
    const corrupt = error instanceof Error && error.message.includes('corrupt');
    if (corrupt) throw new RowFault('imageDamaged', 'its header is broken', { cause: error });
    const content = page ? 'an HTML page, not a picture' : 'no picture of a known format';
    throw new RowFault('imageUnreadable', `the content is ${content}`, { cause: error });
  }
}

/** Decodes every pixel. Throws `RowFault` `imageDamaged` when one is missing, `imageDepth` where no rule scales it. */
export async function decodePicture(bytes: Buffer, { depth, greyscale }: PictureHeader): Promise<DecodedPicture> {
  if (depth === 'uchar') return decodeBytes(bytes);
  if (depth !== 'ushort' && depth !== 'float')
    throw new RowFault('imageDepth', `the picture holds ${depth} values, which no rule brings to 8 bits`);
  const upright = open(bytes);
  const deep =
    depth === 'ushort'
      ? upright.toColourspace(greyscale ? 'grey16' : 'rgb16').raw({ depth: 'ushort' })
      : upright.raw({ depth: 'float' });
  const { data, info } = await pixels(deep);
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

async function decodeBytes(bytes: Buffer): Promise<DecodedPicture> {
  const picture = open(bytes).flatten({ background: '#ffffff' }).toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await pixels(picture);
  if (info.channels !== 3) throw new RowFault('imageDepth', `the picture has ${info.channels} channels`);
  return { rgb: data, width: info.width, height: info.height, range: null };
}

/** `failOn: 'warning'` also finds data that a decoder would skip; no lesser level does. Profiles are brought to sRGB. */
function open(bytes: Buffer): Sharp {
  return sharp(bytes, { limitInputPixels: false, failOn: 'warning', sequentialRead: true }).autoOrient();
}

async function pixels(picture: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await picture.toBuffer({ resolveWithObject: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new RowFault('imageDamaged', error.message.trim().split('\n')[0] ?? '', { cause: error });
  }
}

/** The stored form: PNG without any metadata. */
export async function encodePng({ rgb, width, height }: DecodedPicture): Promise<Buffer> {
  return sharp(rgb, { limitInputPixels: false, raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}
