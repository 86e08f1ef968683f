/** Repairs of pictures that a task asks for by its settings: shrinking while loading, padding, and the check of a cut one. */
import { isCutJpeg } from './jpeg.js';
import { type FailOn, openPicture, pixels } from './openPicture.js';
import type { PictureHeader } from './pictureHeader.js';
import { type PictureLimits, paddedSize, type Size } from './pictureLimits.js';

/** Share of a cut picture's rows that may be missing where the task accepts cut ones. */
const maximumMissing = 0.05;
/** A decoder's fill, and the width of the least that it fills. */
const middleGrey = 128;
const blockPixels = 8;

/**
 * The picture at the size that its header is to be loaded at, as PNG with its depth and its orientation still to be
 * done: turning needs all its pixels. Throws `RowFault` `imageDamaged`.
 */
export async function shrunk(bytes: Buffer, header: PictureHeader, failOn: FailOn): Promise<Buffer> {
  const { depth, greyscale, orientation, shrinkTo } = header;
  const small = openPicture(bytes, failOn)
    .resize({ ...shrinkTo, fit: 'fill' })
    .png({ compressionLevel: 1 });
  if (depth === 'ushort') small.toColourspace(greyscale ? 'grey16' : 'rgb16');
  if (orientation >= 1 && orientation <= 8) small.withMetadata({ orientation });
  return (await pixels(small)).data;
}

/** The picture in the middle of white borders where it is a longer strip than the limit; itself otherwise. */
export function withinAspect<Picture extends Size & { rgb: Buffer }>(
  picture: Picture,
  { maximumAspect }: PictureLimits,
): Picture {
  const { rgb, width, height } = picture;
  if (Math.max(width, height) / Math.min(width, height) <= maximumAspect) return picture;
  const size = paddedSize(picture, maximumAspect);
  const left = Math.floor((size.width - width) / 2);
  const top = Math.floor((size.height - height) / 2);
  const padded = Buffer.alloc(size.width * size.height * 3, 255);
  for (let row = 0; row < height; row += 1)
    rgb.copy(padded, ((row + top) * size.width + left) * 3, row * width * 3, (row + 1) * width * 3);
  return { ...picture, ...size, rgb: padded };
}

/**
 * True for a JPEG file that was cut and misses few of its rows. The decoder fills what is missing with middle grey, from
 * some block to the right end of its rows and all below. Of a progressive file every row is there, only worse, and
 * nobody can say by how much.
 */
export async function isNearlyWhole(bytes: Buffer, { format, isProgressive }: PictureHeader): Promise<boolean> {
  if (format !== 'jpeg' || isProgressive || !isCutJpeg(bytes)) return false;
  const { data, info } = await pixels(openPicture(bytes, 'none').raw());
  const rowBytes = info.width * info.channels;
  const endBytes = Math.min(rowBytes, blockPixels * info.channels);
  const isFilled = (row: number) =>
    data.subarray((row + 1) * rowBytes - endBytes, (row + 1) * rowBytes).every((value) => value === middleGrey);
  let missing = 0;
  while (missing < info.height && isFilled(info.height - 1 - missing)) missing += 1;
  return missing <= maximumMissing * info.height;
}
