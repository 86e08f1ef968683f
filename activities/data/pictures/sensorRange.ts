/**
 * The one rule by which pictures deeper than 8 bits become 8-bit ones, `sensorRange`: brightness over the full range of
 * the sensor, times 255. The range is that of the smallest usual sensor (8, 10, 12, 14 or 16 bits; floats: 0 to 1, or
 * 0 to 255) that holds the picture's brightest value. So a 12-bit picture in a 16-bit file is neither black nor
 * stretched, and pictures of one sensor stay comparable.
 */
import { RowFault } from '../faults.js';

export interface DeepPicture {
  data: Uint16Array | Float32Array;
  width: number;
  height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
  channels: number;
}

export interface ScaledPicture {
  rgb: Buffer;
  /** The range found, for the manifest: "12 bits" or "floats to 1". */
  range: string;
}

const sensorBits = [8, 10, 12, 14, 16];

/** Throws `RowFault` `imageDepth` for floats that are negative, infinite or beyond 255. */
export function scaleBySensorRange(picture: DeepPicture): ScaledPicture {
  const { data, channels } = picture;
  const colours = channels > 2 ? 3 : 1;
  const integer = data instanceof Uint16Array;
  let brightest = 0;
  for (let at = 0; at < data.length; at += channels)
    for (let colour = 0; colour < colours; colour += 1) {
      const value = data[at + colour] as number;
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
        throw new RowFault('imageDepth', `the picture holds the brightness ${value}`);
      if (value > brightest) brightest = value;
    }
  const { full, range } = integer ? integerRange(brightest) : floatRange(brightest);
  return { rgb: toRgb(picture, full, integer ? 65535 : full), range };
}

function integerRange(brightest: number): { full: number; range: string } {
  const bits = sensorBits.find((each) => brightest < 2 ** each) ?? 16;
  return { full: 2 ** bits - 1, range: `${bits} bits` };
}

function floatRange(brightest: number): { full: number; range: string } {
  const full = [1, 255].find((each) => brightest <= each);
  if (full === undefined)
    throw new RowFault('imageDepth', `the picture holds floats up to ${brightest}, beyond 0 to 255`);
  return { full, range: `floats to ${full}` };
}

/** Grey becomes three equal channels; alpha is laid over white. */
function toRgb({ data, width, height, channels }: DeepPicture, full: number, opaque: number): Buffer {
  const rgb = Buffer.allocUnsafe(width * height * 3);
  const grey = channels < 3;
  const alphaAt = channels === 2 || channels === 4 ? channels - 1 : -1;
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const from = pixel * channels;
    const alpha = alphaAt < 0 ? 1 : (data[from + alphaAt] as number) / opaque;
    for (let colour = 0; colour < 3; colour += 1) {
      const value = ((data[from + (grey ? 0 : colour)] as number) / full) * 255;
      rgb[pixel * 3 + colour] = Math.round(value * alpha + 255 * (1 - alpha));
    }
  }
  return rgb;
}
