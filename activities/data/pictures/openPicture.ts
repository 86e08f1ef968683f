/** The decoder's one way of opening a picture, and of saying that it is damaged. */
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { RowFault } from '../faults.js';

/** `warning` also finds data that a decoder would skip, where `error` would not. */
export type FailOn = 'warning' | 'error' | 'none';

/** Sizes are checked by the header before; profiles are brought to sRGB. */
export function openPicture(bytes: Buffer, failOn: FailOn): Sharp {
  return sharp(bytes, { limitInputPixels: false, failOn, sequentialRead: true });
}

/**
 * Throws `RowFault` `imageDamaged`. The decoder's words are its cause only: libvips keeps them in one place for all that
 * is decoded at the time, so that they may be those of another picture, and the ledger must not depend on that.
 */
export async function pixels(picture: Sharp): Promise<{ data: Buffer; info: OutputInfo }> {
  try {
    return await picture.toBuffer({ resolveWithObject: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new RowFault('imageDamaged', 'a part of its pixels is missing or broken', { cause: error });
  }
}
