/** Brightness and colour of a picture on small square grids, each cell the exact mean of the area that it covers. */

export interface Rgb {
  /** Three bytes a pixel, row by row. */
  rgb: Uint8Array;
  width: number;
  height: number;
}

/** A part of a picture, in pixels; right and bottom are the first ones outside. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What `areaMeans` fills: a fine grid of brightness and coarse ones of red and blue. */
export interface Areas {
  /** 32 by 32 cells. */
  brightness: Float64Array;
  /** 4 by 4 cells each. */
  red: Float64Array;
  blue: Float64Array;
}

export const fineSide = 32;
export const coarseSide = 4;
const finePerCoarse = fineSide / coarseSide;

/** Sums of one row's pixels by cell, and where the cells end: written and read within one call. */
const row = {
  brightness: new Float64Array(fineSide),
  red: new Float64Array(coarseSide),
  blue: new Float64Array(coarseSide),
  /** For each fine cell, the offset of the pixel in which it ends, and the part of that pixel that belongs to it. */
  ends: new Int32Array(fineSide),
  parts: new Float64Array(fineSide),
};

/**
 * One pass over the pixels of a box. The sum of a row up to the border of a cell, which may lie inside a pixel, is read
 * off by interpolation, and so is that of the rows: a picture and its copy at ten times the size have the same cells.
 */
export function areaMeans({ rgb, width }: Rgb, box: Box, into: Areas): void {
  const rows = box.bottom - box.top;
  const columns = box.right - box.left;
  const scale = (fineSide * fineSide) / (columns * rows);
  placeEnds(columns);
  into.brightness.fill(0);
  into.red.fill(0);
  into.blue.fill(0);
  let cell = 0;
  for (let y = 0; y < rows; y += 1) {
    sumRow(rgb, ((box.top + y) * width + box.left) * 3);
    let from = y;
    while (cell < fineSide) {
      const end = ((cell + 1) * rows) / fineSide;
      addRow(into, cell, (Math.min(end, y + 1) - from) * scale);
      if (end > y + 1) break;
      from = end;
      cell += 1;
    }
  }
}

/** A cell that ends with a pixel takes all of it. */
function placeEnds(columns: number): void {
  for (let cell = 0; cell < fineSide; cell += 1) {
    const end = ((cell + 1) * columns) / fineSide;
    const pixel = Math.max(0, Math.ceil(end) - 1);
    row.ends[cell] = pixel * 3;
    row.parts[cell] = end - pixel;
  }
}

/** Whole numbers up to the end of a cell: V8 adds those twice as fast as floats. A row may have 65,000 pixels a cell. */
function sumRow(rgb: Uint8Array, start: number): void {
  const { brightness, red, blue, ends, parts } = row;
  let at = start;
  let [light, reds, blues] = [0, 0, 0];
  for (let cell = 0; cell < fineSide; cell += 1) {
    const end = start + (ends[cell] as number);
    let l = 0;
    let r = 0;
    let b = 0;
    for (; at < end; at += 3) {
      const pixelRed = rgb[at] as number;
      const pixelBlue = rgb[at + 2] as number;
      l = (l + luma(pixelRed, rgb[at + 1] as number, pixelBlue)) | 0;
      r = (r + pixelRed) | 0;
      b = (b + pixelBlue) | 0;
    }
    const part = parts[cell] as number;
    const lastRed = rgb[at] as number;
    const lastBlue = rgb[at + 2] as number;
    const last = luma(lastRed, rgb[at + 1] as number, lastBlue);
    // What the last pixel gives to the next cell is taken off there, since that begins with the whole pixel.
    brightness[cell] = (light + l + part * last) / 256;
    light = -part * last;
    reds += r;
    blues += b;
    if (cell % finePerCoarse !== finePerCoarse - 1) continue;
    const coarse = (cell - finePerCoarse + 1) / finePerCoarse;
    red[coarse] = reds + part * lastRed;
    blue[coarse] = blues + part * lastBlue;
    reds = -part * lastRed;
    blues = -part * lastBlue;
  }
}

/** ITU-R BT.601 in parts of 256. */
function luma(red: number, green: number, blue: number): number {
  return 77 * red + 150 * green + 29 * blue;
}

/** Adds a share of the row's sums to the cells of one row of the fine grid, and to the coarse ones that hold it. */
function addRow(into: Areas, cell: number, share: number): void {
  const fine = cell * fineSide;
  for (let column = 0; column < fineSide; column += 1)
    into.brightness[fine + column] =
      (into.brightness[fine + column] as number) + share * (row.brightness[column] as number);
  const coarse = Math.floor(cell / finePerCoarse) * coarseSide;
  const coarseShare = share / (finePerCoarse * finePerCoarse);
  for (let column = 0; column < coarseSide; column += 1) {
    into.red[coarse + column] = (into.red[coarse + column] as number) + coarseShare * (row.red[column] as number);
    into.blue[coarse + column] = (into.blue[coarse + column] as number) + coarseShare * (row.blue[column] as number);
  }
}
