/**
 * Tells by its bytes alone whether a file can be sent as it is: a PNG or JPEG, upright, RGB, 8 bits, sRGB, one picture, and
 * whole. Nothing is decoded; whatever is not sure is decoded and baked.
 */
import { crc32 } from 'node:zlib';
import type { CaptionPictures } from '../../config/captioning.js';
import { exifOrientation } from '../data/pictures/exif.js';

export type PlainType = 'image/png' | 'image/jpeg';

/** Servers refuse requests that are larger by far. */
const maximumBytes = 8 * 1024 * 1024;

/** The media type to send the bytes under; null where they must be decoded first. */
export function plainType(bytes: Buffer, limits: CaptionPictures): PlainType | null {
  if (bytes.length > maximumBytes) return null;
  const read = bytes[0] === 0x89 ? readPng(bytes) : bytes[0] === 0xff ? readJpeg(bytes) : null;
  if (!read) return null;
  const { width, height, type } = read;
  const longest = Math.max(width, height);
  const fits =
    width * height <= limits.maximumPixels &&
    longest <= limits.longestSide &&
    longest <= limits.maximumAspect * Math.min(width, height);
  return fits ? type : null;
}

interface PlainHeader {
  type: PlainType;
  width: number;
  height: number;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Chunks that change no pixel; any other (transparency, animation, another colour space, EXIF) is left to the decoder. */
const pngChunks = new Set(['IDAT', 'sRGB', 'pHYs', 'tIME', 'tEXt', 'iTXt', 'zTXt', 'sBIT']);

/** 8-bit RGB, every chunk's check sum right, and the end there. */
function readPng(bytes: Buffer): PlainHeader | null {
  if (bytes.length < 57 || !bytes.subarray(0, 8).equals(pngSignature)) return null;
  if (bytes.toString('latin1', 12, 16) !== 'IHDR' || bytes[24] !== 8 || bytes[25] !== 2) return null;
  let pixels = 0;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 8 + length;
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) return null;
    if (type === 'IDAT') pixels += length;
    if (type === 'IEND')
      return pixels === 0 ? null : { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    if (at > 8 && !pngChunks.has(type)) return null;
    at = end + 4;
  }
  return null;
}

/** Start-of-frame markers of baseline and progressive pictures, Huffman coded. */
const frames = new Set([0xc0, 0xc1, 0xc2]);

/** Three components of 8 bits, an sRGB profile or none, upright, and its end marker there. */
function readJpeg(bytes: Buffer): PlainHeader | null {
  if (bytes[1] !== 0xd8 || bytes.readUInt16BE(bytes.length - 2) !== 0xffd9) return null;
  let size: { width: number; height: number } | null = null;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    const length = bytes.readUInt16BE(at + 2);
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xda) return size && { type: 'image/jpeg', ...size };
    if (length < 2 || changesColours(marker, segment)) return null;
    if (frames.has(marker)) size = frameSize(segment);
    else if (marker > 0xc2 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return null;
    at += 2 + length;
  }
  return null;
}

function frameSize(segment: Buffer): { width: number; height: number } | null {
  if (segment.length < 6 || segment[0] !== 8 || segment[5] !== 3) return null;
  return { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3) };
}

/** How a profile says its name: version 2 in ASCII, version 4 in UTF-16. */
const sRgbNames = ['sRGB', '\0s\0R\0G\0B'];

/** An orientation other than upright, a colour profile other than sRGB, or Adobe's RGB and CMYK. */
function changesColours(marker: number, segment: Buffer): boolean {
  const start = segment.toString('latin1', 0, 12);
  if (marker === 0xe1 && start.startsWith('Exif')) return (exifOrientation(segment) ?? 1) !== 1;
  if (marker === 0xe2 && start.startsWith('ICC_PROFILE')) return !sRgbNames.some((name) => segment.includes(name));
  if (marker === 0xe2 && start.startsWith('MPF')) return true;
  return marker === 0xee && start.startsWith('Adobe') && segment[11] !== 1;
}
