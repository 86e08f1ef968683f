/** What a picture may be, and what becomes of one that is more: each by a setting of the task. */
import type { RecipeSettings } from '../../../config/settings.js';
import { RowFault } from '../faults.js';

export type PictureLimits = Pick<
  RecipeSettings['data'],
  'maximumPixels' | 'maximumAspect' | 'animated' | 'truncated' | 'extremeAspect' | 'tooLarge'
>;

export interface Size {
  width: number;
  height: number;
}

/**
 * Decoders of these hand out row after row, so that a large picture is never in memory whole. A shrunk picture may have
 * so many times the pixels that one may have; a JPEG or PNG file that is interlaced, and one of any other format, none.
 */
const shrinkable: Record<string, number> = { png: 20, jpeg: 20, webp: 4, tiff: 4 };

/** The size to load a picture at; null where that is its own. Throws `RowFault` `imageTooLarge`. */
export function sizeToLoad(
  picture: Size & { format: string; depth: string; isProgressive: boolean; extraChannel: boolean },
  limits: PictureLimits,
): Size | null {
  const { width, height, format } = picture;
  const { maximumPixels, tooLarge } = limits;
  if (width * height <= maximumPixels) return null;
  if (tooLarge === 'refuse') checkPixels(picture, limits);
  const times = timesShrinkable(picture);
  const pixels = `${width} x ${height} pixels`;
  if (times === 0) throw new RowFault('imageTooLarge', `${pixels} of such a ${format} file can't be shrunk row by row`);
  if (width * height > times * maximumPixels)
    throw new RowFault('imageTooLarge', `${pixels}, over ${times} times the limit of ${maximumPixels}`);
  return shrunkSize(picture, maximumPixels);
}

/** Shrinking would take an extra channel for alpha. */
function timesShrinkable({ format, depth, isProgressive, extraChannel }: Parameters<typeof sizeToLoad>[0]): number {
  return isProgressive || extraChannel || !['uchar', 'ushort'].includes(depth) ? 0 : (shrinkable[format] ?? 0);
}

/** Throws `RowFault` `imageTooLarge`. */
export function checkPixels({ width, height }: Size, { maximumPixels }: PictureLimits): void {
  if (width * height > maximumPixels)
    throw new RowFault('imageTooLarge', `${width} x ${height} pixels, over the limit of ${maximumPixels}`);
}

/** The ratio is kept as far as whole pixels allow; no side becomes 0. */
export function shrunkSize({ width, height }: Size, maximumPixels: number): Size {
  const scale = Math.sqrt(maximumPixels / (width * height));
  const shorter = Math.max(1, Math.floor(Math.min(width, height) * scale));
  const longer = Math.min(Math.floor(Math.max(width, height) * scale), Math.floor(maximumPixels / shorter));
  return width < height ? { width: shorter, height: longer } : { width: longer, height: shorter };
}

/** Throws `RowFault` `imageAspect`, or `imageTooLarge` where padding would make the picture so. */
export function checkAspect({ width, height }: Size, limits: PictureLimits): void {
  const aspect = Math.max(width, height) / Math.min(width, height);
  if (aspect <= limits.maximumAspect) return;
  if (limits.extremeAspect === 'refuse')
    throw new RowFault(
      'imageAspect',
      `${width} x ${height} has the ratio ${aspect.toFixed(1)}, over ${limits.maximumAspect}`,
    );
  checkPixels(paddedSize({ width, height }, limits.maximumAspect), limits);
}

/** With the shorter side just so long that the ratio is below the limit, never at it. */
export function paddedSize({ width, height }: Size, maximumAspect: number): Size {
  const longer = Math.max(width, height);
  const shorter = Math.max(Math.min(width, height), Math.floor(longer / maximumAspect) + 1);
  return width < height ? { width: shorter, height } : { width, height: shorter };
}
