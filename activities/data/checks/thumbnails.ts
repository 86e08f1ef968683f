/** Confirms by their thumbnails that two pictures look alike, whatever their brightness and contrast. */
import { brightnessCells, brightnessSide, colourSide, thumbnailBytes } from '../pictures/fingerprint.js';
import { grown } from './grown.js';

/** A contrast below this many levels of 255 is taken for noise. */
const leastContrast = 4;
/** Where a cell differs so much more than the mean of all, something stands in one picture and not in the other. */
const mostOverMean = 5;
/** Levels of 255 by which the colour of a cell may differ, over a share of its strength: a brighter copy is stronger. */
const colourLevels = 10;
const colourShare = 0.3;

/** The thumbnails of many pictures: 296 bytes each. */
export class Thumbnails {
  private bytes = new Uint8Array(0);
  private means = new Float32Array(0);
  private contrasts = new Float32Array(0);
  private count = 0;

  add(thumbnail: Uint8Array): void {
    const place = this.count;
    this.count += 1;
    this.bytes = grown(this.bytes, this.count * thumbnailBytes);
    this.means = grown(this.means, this.count);
    this.contrasts = grown(this.contrasts, this.count);
    this.bytes.set(thumbnail, place * thumbnailBytes);
    const { mean, contrast } = brightnessOf(thumbnail);
    this.means[place] = mean;
    this.contrasts[place] = Math.max(leastContrast, contrast);
  }

  /** 32 bits that depend on the whole thumbnail (FNV-1a). */
  key(place: number): number {
    let bits = 0x811c9dc5;
    const end = (place + 1) * thumbnailBytes;
    for (let at = place * thumbnailBytes; at < end; at += 1)
      bits = Math.imul(bits ^ (this.bytes[at] as number), 0x01000193);
    return bits >>> 0;
  }

  /** Brightness of a cell in standard deviations from the mean of its picture. */
  standing(place: number, cell: number): number {
    const value = this.bytes[place * thumbnailBytes + cell] as number;
    return (value - (this.means[place] as number)) / (this.contrasts[place] as number);
  }

  /** Mean difference of the cells' standing: 0 for equal pictures, about 1.1 for unrelated ones. */
  difference(one: number, other: number): number {
    let sum = 0;
    for (let cell = 0; cell < brightnessCells; cell += 1)
      sum += Math.abs(this.standing(one, cell) - this.standing(other, cell));
    return sum / brightnessCells;
  }

  /** Whether the mean difference is within the limit, no single cell stands out, and the colours agree. */
  agree(one: number, other: number, { limit, mirrored }: { limit: number; mirrored: boolean }): boolean {
    const most = limit * mostOverMean;
    let sum = 0;
    for (let cell = 0; cell < brightnessCells; cell += 1) {
      const at = mirrored ? mirror(cell, brightnessSide) : cell;
      const difference = Math.abs(this.standing(one, cell) - this.standing(other, at));
      if (difference > most) return false;
      sum += difference;
    }
    return sum <= limit * brightnessCells && this.coloursAgree(one, other, mirrored);
  }

  private coloursAgree(one: number, other: number, mirrored: boolean): boolean {
    for (let cell = brightnessCells; cell < thumbnailBytes; cell += 1) {
      const a = (this.bytes[one * thumbnailBytes + cell] as number) - 128;
      const b = (this.bytes[other * thumbnailBytes + (mirrored ? mirror(cell, colourSide) : cell)] as number) - 128;
      if (Math.abs(a - b) > colourLevels + colourShare * Math.max(Math.abs(a), Math.abs(b))) return false;
    }
    return true;
  }
}

/** Whether a picture is of one brightness, so that nothing in it could be recognised in another one. */
export function isFlat(thumbnail: Uint8Array): boolean {
  return brightnessOf(thumbnail).contrast < leastContrast;
}

/** Mean and standard deviation in levels of 255. */
function brightnessOf(thumbnail: Uint8Array): { mean: number; contrast: number } {
  let sum = 0;
  let squares = 0;
  for (let cell = 0; cell < brightnessCells; cell += 1) {
    const value = thumbnail[cell] as number;
    sum += value;
    squares += value * value;
  }
  const mean = sum / brightnessCells;
  return { mean, contrast: Math.sqrt(Math.max(0, squares / brightnessCells - mean * mean)) };
}

/** The cell in the same row, as far from the other side. All grids begin at a multiple of their side, a power of two. */
function mirror(cell: number, side: number): number {
  return cell ^ (side - 1);
}
