/** What the first directory of a TIFF file says and its decoder does not tell. An EXIF block is such a file too. */

export const tiffTags = { compression: 259, photometric: 262, orientation: 274, extraSamples: 338 };

const long = 4;

/** A tag's first value and where it stands; undefined where there is no such tag, and in a BigTIFF. */
export function tiffTag(tiff: Buffer, tag: number): { value: number; at: number } | undefined {
  if (tiff.length < 8) return undefined;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number) => (at + 4 > tiff.length ? 0 : little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  if (u16(2) !== 42) return undefined;
  const directory = u32(4);
  for (let index = 0; index < u16(directory); index += 1) {
    const entry = directory + 2 + index * 12;
    const at = entry + 8;
    if (u16(entry) === tag) return { value: u16(entry + 2) === long ? u32(at) : u16(at), at };
  }
  return undefined;
}

/** Of none, LZW, Deflate, Zstandard and WebP: all damage is an error of the codec, so that a warning tells of tags alone. */
const strictCompressions = new Set([1, 5, 8, 32946, 50000, 50001]);

export function warnsOfTagsAlone(tiff: Buffer): boolean {
  const compression = tiffTag(tiff, tiffTags.compression);
  return compression !== undefined && strictCompressions.has(compression.value);
}

/** Colours by the photometric interpretation: white is 0, black is 0, RGB. */
const colours: Record<number, number> = { 0: 1, 1: 1, 2: 3 };

/** Whether the channel after the colours is data of its own, as near infrared is, and no alpha (TIFF 6.0, ExtraSamples). */
export function hasExtraChannel(tiff: Buffer, channels: number): boolean {
  const photometric = tiffTag(tiff, tiffTags.photometric)?.value ?? -1;
  const extra = tiffTag(tiff, tiffTags.extraSamples)?.value ?? 0;
  return channels === (colours[photometric] ?? channels) + 1 && extra !== 1 && extra !== 2;
}

/** The file with an orientation that its decoder takes. */
export function withUsualOrientation(tiff: Buffer): Buffer {
  const orientation = tiffTag(tiff, tiffTags.orientation);
  if (!orientation || (orientation.value >= 1 && orientation.value <= 8)) return tiff;
  const mended = Buffer.from(tiff);
  const little = mended.toString('latin1', 0, 2) === 'II';
  mended.fill(0, orientation.at, orientation.at + 4);
  mended[orientation.at + (little ? 0 : 1)] = 1;
  return mended;
}
