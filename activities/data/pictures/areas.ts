/** Red, green and blue of a picture on a small square grid, each cell the exact mean of the area that it covers. */

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

/**
 * Fills `cells`, which holds a grid of red, then one of green, then one of blue, in one pass over the pixels of a box.
 * The sum of a row up to the border of a cell, which may lie inside a pixel, is read off by interpolation, and so is
 * that of the rows: a picture and its copy at ten times the size have the same cells.
 */
export function areaMeans({ rgb, width }: Rgb, box: Box, cells: Float64Array): void {
  const size = Math.sqrt(cells.length / 3);
  const rows = box.bottom - box.top;
  const row = new RowSums(box, size);
  const scale = (size * size) / ((box.right - box.left) * rows);
  cells.fill(0);
  let cell = 0;
  for (let y = 0; y < rows; y += 1) {
    row.read(rgb, (box.top + y) * width);
    let from = y;
    while (cell < size) {
      const end = ((cell + 1) * rows) / size;
      addRow(cells, row.sums, cell, (Math.min(end, y + 1) - from) * scale);
      if (end > y + 1) break;
      from = end;
      cell += 1;
    }
  }
}

/** Adds a share of a row's sums to one row of each of the three grids. */
function addRow(cells: Float64Array, sums: Float64Array, row: number, share: number): void {
  const size = sums.length / 3;
  for (let channel = 0; channel < 3; channel += 1) {
    const to = (channel * size + row) * size;
    const from = channel * size;
    for (let column = 0; column < size; column += 1)
      cells[to + column] = (cells[to + column] as number) + share * (sums[from + column] as number);
  }
}

/** The sums of one row's pixels by cell, channel after channel. */
class RowSums {
  readonly sums: Float64Array;
  private readonly left: number;
  private readonly size: number;
  /** For each cell, the pixel in which it ends and the part of that pixel that belongs to it. */
  private readonly ends: Int32Array;
  private readonly parts: Float64Array;

  constructor({ left, right }: Box, size: number) {
    this.left = left;
    this.size = size;
    this.sums = new Float64Array(3 * size);
    this.ends = new Int32Array(size);
    this.parts = new Float64Array(size);
    for (let cell = 0; cell < size; cell += 1) {
      const end = ((cell + 1) * (right - left)) / size;
      // A cell that ends with a pixel takes all of it.
      const pixel = Math.max(0, Math.ceil(end) - 1);
      this.ends[cell] = left + pixel;
      this.parts[cell] = end - pixel;
    }
  }

  read(rgb: Uint8Array, row: number): void {
    const { sums, size, ends, parts } = this;
    let at = (row + this.left) * 3;
    let [red, green, blue] = [0, 0, 0];
    let [redBefore, greenBefore, blueBefore] = [0, 0, 0];
    for (let cell = 0; cell < size; cell += 1) {
      const end = (row + (ends[cell] as number)) * 3;
      for (; at < end; at += 3) {
        red += rgb[at] as number;
        green += rgb[at + 1] as number;
        blue += rgb[at + 2] as number;
      }
      const part = parts[cell] as number;
      const redHere = red + part * (rgb[at] as number);
      const greenHere = green + part * (rgb[at + 1] as number);
      const blueHere = blue + part * (rgb[at + 2] as number);
      sums[cell] = redHere - redBefore;
      sums[size + cell] = greenHere - greenBefore;
      sums[2 * size + cell] = blueHere - blueBefore;
      redBefore = redHere;
      greenBefore = greenHere;
      blueBefore = blueHere;
    }
  }
}
