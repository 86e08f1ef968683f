/** The orientation written in an EXIF block, valid or not; libvips reports an invalid one as 1. */
import { tiffTag, tiffTags } from './tiff.js';

/** Undefined when there is none. */
export function exifOrientation(exif: Buffer | undefined): number | undefined {
  if (!exif) return undefined;
  const tiff = exif.subarray(exif.subarray(0, 4).toString('latin1') === 'Exif' ? 6 : 0);
  return tiffTag(tiff, tiffTags.orientation)?.value;
}
