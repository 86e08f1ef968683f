/** What a picture file says of itself before any pixel is decoded, and what of that is refused. */
import sharp, { type Metadata } from 'sharp';
import { RowFault } from '../faults.js';
import { isLfsPointer } from '../lfsPointer.js';
import { exifOrientation } from './exif.js';
import { checkAspect, type PictureLimits, type Size, sizeToLoad } from './pictureLimits.js';
import { pngFrames, pngSize } from './png.js';

export interface PictureHeader {
  format: string;
  width: number;
  height: number;
  depth: string;
  greyscale: boolean;
  /** EXIF orientation as written; 1 where there is none. */
  orientation: number;
  /** Size to shrink to while loading, before it is turned; null where it is small enough. */
  shrinkTo: Size | null;
  isProgressive: boolean;
  /** Frames or pages; the first is what is decoded. */
  frames: number;
}

/** Formats whose decoders draw pixels and nothing else: SVG and PDF would read fonts and other files. */
const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'jp2', 'jxl'];

/** Reads the header only. Throws `RowFault` for what needs no pixel to refuse. */
export async function readHeader(bytes: Buffer, limits: PictureLimits): Promise<PictureHeader> {
  if (bytes.length === 0) throw new RowFault('imageEmpty', 'the file has 0 bytes');
  const claimed = pngSize(bytes);
  if (claimed) sizeToLoad({ ...claimed, format: 'png', depth: 'uchar', isProgressive: false }, limits);
  const metadata = await metadataOf(bytes);
  const { format, width, height, depth, channels, compression, isProgressive = false } = metadata;
  if (!formats.includes(format)) throw new RowFault('imageUnreadable', `the content is ${format}`);
  if (compression === 'hevc') throw new RowFault('imageUnreadable', 'the content is HEIC, whose codec is not free');
  const frames = metadata.pages ?? pngFrames(bytes);
  if (frames > 1 && limits.animated === 'refuse')
    throw new RowFault('imageAnimated', `the picture has ${frames} frames or pages`);
  const shrinkTo = sizeToLoad({ format, width, height, depth, isProgressive }, limits);
  checkAspect(shrinkTo ?? { width, height }, limits);
  const orientation = exifOrientation(metadata.exif) ?? metadata.orientation ?? 1;
  return { format, width, height, depth, greyscale: channels < 3, orientation, shrinkTo, isProgressive, frames };
}

async function metadataOf(bytes: Buffer): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (error) {
    const start = bytes.subarray(0, 256).toString('latin1').trimStart().toLowerCase();
    const page = start.startsWith('<!doctype html') || start.startsWith('<html');
    const corrupt = error instanceof Error && error.message.includes('corrupt');
    if (corrupt) throw new RowFault('imageDamaged', 'its header is broken', { cause: error });
    if (bytes.toString('latin1', 4, 12) === 'ftypavis')
      throw new RowFault('imageAnimated', 'an AVIF sequence, of which the decoder reads no frame', { cause: error });
    const pointer = isLfsPointer(bytes) ? 'a pointer of Git LFS: "git lfs pull" fetches the picture' : undefined;
    const content = pointer ?? (page ? 'an HTML page, not a picture' : 'no picture of a known format');
    throw new RowFault('imageUnreadable', `the content is ${content}`, { cause: error });
  }
}
