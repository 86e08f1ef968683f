/** The kinds of fault that are planted, and how a picture is changed for a near copy of it. */
import sharp from 'sharp';
import type { Random } from '../lib/random.js';
import { byte } from '../lib/scenes.js';

export const exactKinds = [
  'placeholderMismatch',
  'answerEmpty',
  'tooLong',
  'answerNotJson',
  'specialToken',
  'jsonInvalid',
  'imageNotFound',
  'imageDamaged',
  'imageUnreadable',
  'sameRecord',
  'samePicture',
  'sameGroup',
  'conflict',
] as const;
export const nearKinds = ['nearText', 'oddLanguage', 'personalData'] as const;

/** Pixels of a picture, and a file made from them. */
export interface Pixels {
  rgb: Buffer;
  width: number;
  height: number;
}
type Change = (pixels: Pixels, random: Random) => Promise<Buffer>;

const open = ({ rgb, width, height }: Pixels) => sharp(rgb, { raw: { width, height, channels: 3 } });

/** Set A: what the thresholds were chosen by. Its second half was a reported set until it showed what they missed. */
const changesA = {
  jpeg: (pixels, random) =>
    open(pixels)
      .jpeg({ quality: random.whole(40, 75) })
      .toBuffer(),
  resized: (pixels, random) =>
    open(pixels)
      .resize(Math.round(pixels.width * random.of([0.4, 0.5, 0.7, 1.6])))
      .png()
      .toBuffer(),
  framed: (pixels, random) => framed(pixels, random.whole(2, 5), '#000000').png().toBuffer(),
  brighter: (pixels, random) =>
    open(pixels)
      .linear(random.of([0.8, 1.1]), random.of([0, 8]))
      .png()
      .toBuffer(),
  avif: (pixels, random) =>
    open(pixels)
      .avif({ quality: random.whole(35, 60), effort: 0 })
      .toBuffer(),
  'JPEG twice': async (pixels) =>
    sharp(
      await open(pixels)
        .resize(Math.round(pixels.width * 0.8))
        .jpeg({ quality: 60 })
        .toBuffer(),
    )
      .resize(pixels.width, pixels.height, { fit: 'fill' })
      .jpeg({ quality: 70 })
      .toBuffer(),
  'white frame, JPEG': (pixels, random) =>
    framed(pixels, random.whole(3, 8), '#ffffff').jpeg({ quality: 80 }).toBuffer(),
  'less contrast': (pixels) => open(pixels).linear(0.7, 40).png().toBuffer(),
  'more colour': (pixels) => open(pixels).modulate({ saturation: 1.2 }).png().toBuffer(),
  grain: (pixels, random) => {
    const rgb = Buffer.from(pixels.rgb.map((value) => byte(value + random.between(-18, 18))));
    return open({ ...pixels, rgb })
      .png()
      .toBuffer();
  },
  squeezed: (pixels) =>
    open(pixels)
      .resize(Math.round(pixels.width * 0.6), Math.round(pixels.height * 0.63), { fit: 'fill' })
      .png()
      .toBuffer(),
} satisfies Record<string, Change>;

/** Set B: other kinds, first tried when the thresholds were settled. */
const changesB = {
  'half-size WebP': (pixels, random) =>
    open(pixels)
      .resize(Math.round(pixels.width / 2))
      .webp({ quality: random.whole(40, 70) })
      .toBuffer(),
  'palette GIF': (pixels) => open(pixels).gif({ colours: 48, effort: 3 }).toBuffer(),
  'grey frame, AVIF': (pixels, random) =>
    framed(pixels, random.whole(2, 6), '#7d8288').avif({ quality: 55, effort: 0 }).toBuffer(),
  'warmer light': (pixels) => open(pixels).linear([1.06, 1, 0.93], [2, 0, -2]).png().toBuffer(),
  sharpened: (pixels) => open(pixels).sharpen({ sigma: 1.5 }).jpeg({ quality: 85 }).toBuffer(),
  'median filter': (pixels) => open(pixels).median(3).png().toBuffer(),
  'darker, JPEG 50': (pixels) => open(pixels).linear(0.75, 0).jpeg({ quality: 50 }).toBuffer(),
  'enlarged twice': (pixels) =>
    open(pixels)
      .resize(pixels.width * 2, undefined, { kernel: 'cubic' })
      .jpeg({ quality: 75 })
      .toBuffer(),
} satisfies Record<string, Change>;

/** Beyond what hashes of the whole picture can do (M4): shown, and no part of the aim. */
const beyond = {
  'cropped by 3 %': (pixels) =>
    open(pixels)
      .extract({
        left: Math.round(pixels.width * 0.03),
        top: Math.round(pixels.height * 0.03),
        width: Math.round(pixels.width * 0.94),
        height: Math.round(pixels.height * 0.94),
      })
      .png()
      .toBuffer(),
} satisfies Record<string, Change>;

export interface PlantedSet {
  seed: number;
  near: Record<string, Change>;
  beyond: Record<string, Change>;
}

export const plantedSets: Record<'A' | 'B', PlantedSet> = {
  A: { seed: 1_000_000, near: changesA, beyond: {} },
  B: { seed: 31_000_000, near: changesB, beyond },
};

function framed(pixels: Pixels, thickness: number, background: string) {
  return open(pixels).extend({ top: thickness, bottom: thickness, left: thickness, right: thickness, background });
}
