/** What the first chunks of a PNG file say and its decoder does not tell. */
import type { Size } from './pictureLimits.js';

function isPng(bytes: Buffer): boolean {
  return bytes.length >= 24 && bytes.toString('latin1', 1, 4) === 'PNG';
}

/** A PNG says its size in its first bytes; the decoder tells none when what follows is broken. */
export function pngSize(bytes: Buffer): Size | null {
  return isPng(bytes) ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : null;
}

/** Frames of an animated PNG, which says so before its pixels; the decoder reads the first and is silent. 1 otherwise. */
export function pngFrames(bytes: Buffer): number {
  if (!isPng(bytes)) return 1;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return bytes.readUInt32BE(at + 8);
    if (type === 'IDAT') return 1;
  }
  return 1;
}
