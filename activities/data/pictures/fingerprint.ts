/**
 * What a picture looks like, in 304 bytes: two hashes that change little when it is compressed, resized or made
 * brighter, and a thumbnail by which likeness is confirmed (M4). Made from decoded pixels, in one pass over them.
 */
import { areaMeans, coarseSide, fineSide, type Rgb } from './areas.js';
import { withoutFrame } from './frame.js';

/** 64 bits as two unsigned 32-bit numbers, the first bit in the highest place. */
export type Hash = readonly [high: number, low: number];

export interface Fingerprint {
  /** Signs of the lowest frequencies of the brightness (pHash). */
  phash: Hash;
  /** Whether each of 8 by 9 cells is brighter than its right neighbour (dHash). */
  dhash: Hash;
  /** Brightness of 16 by 16 cells, then blue and red difference (Cb, Cr) of 4 by 4 cells each, as bytes. */
  thumbnail: Uint8Array;
}

const grid = fineSide;
export const brightnessSide = 16;
export const brightnessCells = brightnessSide ** 2;
export const colourSide = coarseSide;
const colourCells = colourSide ** 2;
export const thumbnailBytes = brightnessCells + 2 * colourCells;

/** Written and read within one call: fresh ones for every picture would cost more than the arithmetic. */
const brightness = new Float64Array(grid * grid);
const red = new Float64Array(colourCells);
const blue = new Float64Array(colourCells);
const rows = new Float64Array(9 * grid);
const folded = new Float64Array(grid);
const lowest = new Float64Array(64);
const narrow = new Float64Array(9 * 8);

/** Costs one pass over the pixels and little more. A frame round the picture is left out. */
export function fingerprintOf(picture: Rgb): Fingerprint {
  areaMeans(picture, withoutFrame(picture), { brightness, red, blue });
  return { phash: phashOf(), dhash: dhashOf(), thumbnail: thumbnailOf() };
}

/** The first 9 waves of a discrete cosine transform, of which the second half mirrors the first. */
const waves = Float64Array.from({ length: (9 * grid) / 2 }, (_, index) => {
  const [frequency, at] = [Math.floor(index / (grid / 2)), index % (grid / 2)];
  return Math.cos((Math.PI * frequency * (at + 0.5)) / grid);
});

/**
 * One bit for each of the 8 by 8 lowest frequencies: whether it is above the median. The place of the mean, which says
 * nothing of shapes, is taken by the next frequency.
 */
function phashOf(): Hash {
  for (let y = 0; y < grid; y += 1) {
    fold(brightness, y * grid);
    for (let u = 0; u < 9; u += 1) rows[u * grid + y] = project(u);
  }
  for (let u = 0; u < 9; u += 1) {
    fold(rows, u * grid);
    if (u === 8) lowest[0] = project(0);
    else for (let v = u === 0 ? 1 : 0; v < 8; v += 1) lowest[v * 8 + u] = project(v);
  }
  const sorted = lowest.toSorted();
  // A picture of one colour has no frequency at all; what is left then is error of arithmetic.
  const median = ((sorted[31] as number) + (sorted[32] as number)) / 2 + 1e-6;
  return bits((bit) => (lowest[bit] as number) > median);
}

/** Sums of mirrored places, which even waves see, then their differences, which odd ones see. */
function fold(values: Float64Array, from: number): void {
  const half = grid / 2;
  for (let at = 0; at < half; at += 1) {
    const near = values[from + at] as number;
    const far = values[from + grid - 1 - at] as number;
    folded[at] = near + far;
    folded[half + at] = near - far;
  }
}

function project(frequency: number): number {
  const half = grid / 2;
  const from = frequency % 2 === 0 ? 0 : half;
  let sum = 0;
  for (let at = 0; at < half; at += 1) sum += (folded[from + at] as number) * (waves[frequency * half + at] as number);
  return sum;
}

/** A smaller step between two cells, as a share of the picture's contrast, is what compression leaves of a plain area. */
const faint = 0.04;
/** The same in levels of 255, where there is next to no contrast. */
const faintest = 0.75;

function dhashOf(): Hash {
  const plain = Math.max(faintest, faint * contrast()) * (grid / 8) * (grid / 9);
  const tall = grid / 8;
  for (let y = 0; y < 8; y += 1)
    for (let column = 0; column < 9; column += 1) {
      const [from, to] = [(column * grid) / 9, ((column + 1) * grid) / 9];
      let sum = 0;
      for (let x = Math.floor(from); x < to; x += 1) {
        const share = Math.min(x + 1, to) - Math.max(x, from);
        for (let line = y * tall; line < (y + 1) * tall; line += 1)
          sum += share * (brightness[line * grid + x] as number);
      }
      narrow[y * 9 + column] = sum;
    }
  return bits((bit) => {
    const at = (bit >> 3) * 9 + (bit & 7);
    return (narrow[at] as number) > (narrow[at + 1] as number) + plain;
  });
}

/** Standard deviation of the brightness. */
function contrast(): number {
  let sum = 0;
  let squares = 0;
  for (const value of brightness) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / brightness.length - (sum / brightness.length) ** 2));
}

function thumbnailOf(): Uint8Array {
  const thumbnail = new Uint8Array(thumbnailBytes);
  for (let cell = 0; cell < brightnessCells; cell += 1) thumbnail[cell] = Math.round(blockMean(cell, brightnessSide));
  for (let cell = 0; cell < colourCells; cell += 1) {
    const mean = blockMean(cell, colourSide);
    thumbnail[brightnessCells + cell] = Math.round(128 + 0.564 * ((blue[cell] as number) - mean));
    thumbnail[brightnessCells + colourCells + cell] = Math.round(128 + 0.713 * ((red[cell] as number) - mean));
  }
  return thumbnail;
}

/** Mean brightness of one of `across` by `across` blocks of the grid. */
function blockMean(block: number, across: number): number {
  const side = grid / across;
  const start = Math.floor(block / across) * side * grid + (block % across) * side;
  let sum = 0;
  for (let y = 0; y < side; y += 1) for (let x = 0; x < side; x += 1) sum += brightness[start + y * grid + x] as number;
  return sum / (side * side);
}

function bits(isSet: (bit: number) => boolean): Hash {
  let high = 0;
  let low = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    high = (high << 1) | Number(isSet(bit));
    low = (low << 1) | Number(isSet(bit + 32));
  }
  return [high >>> 0, low >>> 0];
}

/** Base64 of 304 bytes, for a line of JSON. */
export function writeFingerprint({ phash, dhash, thumbnail }: Fingerprint): string {
  const bytes = Buffer.alloc(16 + thumbnailBytes);
  for (const [index, word] of [...phash, ...dhash].entries()) bytes.writeUInt32BE(word, index * 4);
  bytes.set(thumbnail, 16);
  return bytes.toString('base64');
}

/** Throws `RangeError` for a text that `writeFingerprint` did not make. */
export function readFingerprint(text: string): Fingerprint {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 16 + thumbnailBytes) throw new RangeError(`A fingerprint of ${bytes.length} bytes.`);
  const word = (index: number) => bytes.readUInt32BE(index * 4);
  return { phash: [word(0), word(1)], dhash: [word(2), word(3)], thumbnail: new Uint8Array(bytes.subarray(16)) };
}
