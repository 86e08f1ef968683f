/** What a picture file says of itself before any pixel is decoded, and what of that is refused. */
import sharp, { type Metadata } from 'sharp';
import { RowFault } from '../faults.js';
import { contentName } from './contentName.js';
import { exifOrientation } from './exif.js';
import type { FailOn } from './openPicture.js';
import { checkAspect, type PictureLimits, type Size, sizeToLoad } from './pictureLimits.js';
import { pngFrames, pngSize } from './png.js';
import { hasExtraChannel, tiffTag, tiffTags, warnsOfTagsAlone } from './tiff.js';

export interface PictureHeader {
  format: string;
  width: number;
  height: number;
  /** As sharp names it; `half-float` for what the decoder makes black. */
  depth: string;
  greyscale: boolean;
  /** Its channel after the colours is no alpha, and no part of the picture. */
  extraChannel: boolean;
  /** Floats of a picture in colour, which the decoder takes for linear light. */
  linearLight: boolean;
  /** EXIF orientation as written; 1 where there is none. */
  orientation: number;
  /** Size to shrink to while loading, before it is turned; null where it is small enough. */
  shrinkTo: Size | null;
  isProgressive: boolean;
  /** Frames or pages; the first is what is decoded. */
  frames: number;
  /** From where on the decoder's complaints count as damage. */
  failOn: FailOn;
}

/** Formats whose decoders draw pixels and nothing else: SVG and PDF would read fonts and other files. */
const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'jp2', 'jxl'];

/** Reads the header only. Throws `RowFault` for what needs no pixel to refuse. */
export async function readHeader(bytes: Buffer, limits: PictureLimits): Promise<PictureHeader> {
  if (bytes.length === 0) throw new RowFault('imageEmpty', 'the file has 0 bytes');
  const claimed = pngSize(bytes);
  if (claimed)
    sizeToLoad({ ...claimed, format: 'png', depth: 'uchar', isProgressive: false, extraChannel: false }, limits);
  const metadata = await metadataOf(bytes);
  const { format, width, height, space, channels, compression, isProgressive = false } = metadata;
  const depth = metadata.depth === 'float' && space === 'grey16' ? 'half-float' : metadata.depth;
  if (!formats.includes(format)) throw new RowFault('imageUnreadable', `the content is ${format}`);
  if (compression === 'hevc') throw new RowFault('imageUnreadable', 'the content is HEIC, whose codec is not free');
  const frames = metadata.pages ?? pngFrames(bytes);
  if (frames > 1 && limits.animated === 'refuse')
    throw new RowFault('imageAnimated', `the picture has ${frames} frames or pages`);
  const isTiff = format === 'tiff';
  const extraChannel = isTiff && hasExtraChannel(bytes, channels);
  const shrinkTo = sizeToLoad({ format, width, height, depth, isProgressive, extraChannel }, limits);
  checkAspect(shrinkTo ?? { width, height }, limits);
  const written = isTiff ? tiffTag(bytes, tiffTags.orientation)?.value : exifOrientation(metadata.exif);
  return {
    ...{ format, width, height, depth, isProgressive, frames, extraChannel, shrinkTo },
    greyscale: channels < 3,
    linearLight: depth === 'float' && space === 'scrgb',
    orientation: written ?? metadata.orientation ?? 1,
    failOn: isTiff && warnsOfTagsAlone(bytes) ? 'error' : 'warning',
  };
}

async function metadataOf(bytes: Buffer): Promise<Metadata> {
  try {
    return await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  } catch (error) {
    const corrupt = error instanceof Error && error.message.includes('corrupt');
    if (corrupt) throw new RowFault('imageDamaged', 'its header is broken', { cause: error });
    if (error instanceof Error && error.message.includes('channel limit'))
      throw new RowFault('imageDepth', 'the picture has more than 5 channels', { cause: error });
    if (bytes.toString('latin1', 4, 12) === 'ftypavis')
      throw new RowFault('imageAnimated', 'an AVIF sequence, of which the decoder reads no frame', { cause: error });
    throw new RowFault('imageUnreadable', `the content is ${contentName(bytes)}`, { cause: error });
  }
}
