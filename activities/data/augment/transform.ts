/** Changes of a picture that sharp makes; what exactly is drawn beforehand. */
import sharp, { type Sharp } from 'sharp';
import type { Augment, TransformName } from '../../../config/augment.js';
import type { Draws } from '../convert/draws.js';
import type { DecodedPicture } from '../pictures/decodePicture.js';

/** A transform with its drawn values: all that the pixels depend on. */
export type Planned =
  | { transform: 'shift'; inner: number; x: number; y: number }
  | { transform: 'scale'; inner: number; x: number; y: number }
  | { transform: 'rotate'; degrees: number }
  | { transform: 'brightness' | 'contrast'; factor: number }
  | { transform: 'colour'; hue: number; saturation: number }
  | { transform: 'jpeg'; quality: number }
  | { transform: 'blur'; sigma: number }
  | { transform: 'noise'; deviation: number; seed: number }
  | { transform: 'flip' };

/** At least this part of the declared most, so that no copy equals its original. */
const least = 0.3;

/** Draws the values of a transform. A transform that is not declared is a fault of the caller. */
export function plan(transform: TransformName, augment: Augment, draws: Draws): Planned {
  const most = Number(augment[transform] ?? 0);
  const amount = () => draws.between(least, 1) * most;
  const signed = () => (draws.next() < 0.5 ? -1 : 1) * amount();
  switch (transform) {
    case 'shift':
      return { transform, inner: 1 - most, x: draws.next(), y: draws.next() };
    case 'scale':
      return { transform, inner: 1 - amount(), x: 0.5, y: 0.5 };
    case 'rotate':
      return { transform, degrees: signed() };
    case 'brightness':
    case 'contrast':
      return { transform, factor: 1 + signed() };
    case 'colour':
      return { transform, hue: Math.round(180 * signed()), saturation: 1 + signed() };
    case 'jpeg':
      return { transform, quality: Math.round(draws.between(most, 95)) };
    case 'blur':
      return { transform, sigma: Math.max(0.3, amount()) };
    case 'noise':
      return { transform, deviation: amount(), seed: draws.below(2 ** 31) };
    case 'flip':
      return { transform };
  }
}

type Rgb = DecodedPicture;

const opened = ({ rgb, width, height }: Rgb) =>
  sharp(rgb, { limitInputPixels: false, raw: { width, height, channels: 3 } });

async function pixelsOf(picture: Sharp): Promise<Rgb> {
  const { data, info } = await picture.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height, range: null, repairs: [] };
}

/** Mean colour of the border: what lies behind a picture that was moved or turned. */
function borderColour({ rgb, width, height }: Rgb): { r: number; g: number; b: number } {
  const sums = [0, 0, 0];
  let count = 0;
  const add = (x: number, y: number) => {
    for (const channel of [0, 1, 2]) sums[channel] = (sums[channel] ?? 0) + (rgb[(y * width + x) * 3 + channel] ?? 0);
    count += 1;
  };
  for (let x = 0; x < width; x++) for (const y of [0, height - 1]) add(x, y);
  for (let y = 0; y < height; y++) for (const x of [0, width - 1]) add(x, y);
  const [r = 0, g = 0, b = 0] = sums.map((sum) => Math.round(sum / count));
  return { r, g, b };
}

/** The whole picture, made smaller, at a place inside a frame of the old size. */
async function inFrame(picture: Rgb, source: Sharp, at: { inner: number; x: number; y: number }): Promise<Rgb> {
  const { width, height } = picture;
  const [inWidth, inHeight] = [width, height].map((side) => Math.max(1, Math.round(side * at.inner))) as [
    number,
    number,
  ];
  const [left, top] = [Math.round((width - inWidth) * at.x), Math.round((height - inHeight) * at.y)];
  const small = source.resize(inWidth, inHeight, { fit: 'fill' });
  const resized = await pixelsOf(small);
  const margins = { left, top, right: width - inWidth - left, bottom: height - inHeight - top };
  return pixelsOf(opened(resized).extend({ ...margins, background: borderColour(picture) }));
}

/** Turned about its centre, then made just small enough to fit its old frame. */
async function turned(picture: Rgb, degrees: number): Promise<Rgb> {
  const { width, height } = picture;
  const background = borderColour(picture);
  const large = await pixelsOf(opened(picture).rotate(degrees, { background }));
  return pixelsOf(opened(large).resize(width, height, { fit: 'contain', background }));
}

function withNoise(picture: Rgb, deviation: number, draws: Draws): Rgb {
  const rgb = Buffer.from(picture.rgb);
  for (let at = 0; at < rgb.length; at++)
    rgb[at] = Math.min(255, Math.max(0, Math.round((rgb[at] ?? 0) + deviation * draws.normal())));
  return { ...picture, rgb };
}

/** The picture after a planned transform: of the same size, and the same bytes for the same plan. */
export async function transformed(picture: Rgb, planned: Planned, drawsOf: (seed: number) => Draws): Promise<Rgb> {
  switch (planned.transform) {
    case 'shift':
    case 'scale':
      return inFrame(picture, opened(picture), planned);
    case 'rotate':
      return turned(picture, planned.degrees);
    case 'brightness':
      return pixelsOf(opened(picture).linear(planned.factor, 0));
    case 'contrast':
      return pixelsOf(opened(picture).linear(planned.factor, 128 * (1 - planned.factor)));
    case 'colour':
      return pixelsOf(opened(picture).modulate({ hue: planned.hue, saturation: planned.saturation }));
    case 'jpeg':
      return pixelsOf(sharp(await opened(picture).jpeg({ quality: planned.quality }).toBuffer()));
    case 'blur':
      return pixelsOf(opened(picture).blur(planned.sigma));
    case 'noise':
      return withNoise(picture, planned.deviation, drawsOf(planned.seed));
    case 'flip':
      return pixelsOf(opened(picture).flop());
  }
}
