/** The orientation written in an EXIF block, valid or not; libvips reports an invalid one as 1. */

/** Tag 0x0112 of the first directory; undefined when there is none. */
export function exifOrientation(exif: Buffer | undefined): number | undefined {
  if (!exif) return undefined;
  const tiff = exif.subarray(exif.subarray(0, 4).toString('latin1') === 'Exif' ? 6 : 0);
  if (tiff.length < 8) return undefined;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  for (let index = 0; index < u16(directory); index += 1) {
    const entry = directory + 2 + index * 12;
    if (u16(entry) === 0x0112) return u16(entry + 8);
  }
  return undefined;
}
