/** SmolVLM: into how many rows and columns of squares its processor cuts a picture; 1 by 1 is the whole picture. */
import type { PictureRule } from '../../../config/models.js';
import type { Size } from './pictureLimits.js';

/** Its processor enlarges no picture beyond this side, pixels. */
const largestSide = 4096;

type GridRule = Extract<PictureRule, { kind: 'grid' }>;

export function gridOf(picture: Size, { longestSide, tile }: GridRule): { rows: number; columns: number } {
  const scaled = withLonger(picture, longestSide);
  const even =
    picture.width >= picture.height
      ? { width: scaled.width, height: up(scaled.height, 2) }
      : { width: up(scaled.width, 2), height: scaled.height };
  const sized = longer(even) > largestSide ? withLonger(even, largestSide) : even;
  const cut = withLonger(sized, up(longer(sized), tile));
  return { rows: up(cut.height, tile) / tile, columns: up(cut.width, tile) / tile };
}

/** The longer side is given, the other one follows in whole pixels, at least one. */
function withLonger({ width, height }: Size, side: number): Size {
  const ratio = width / height;
  return width >= height
    ? { width: side, height: Math.max(1, Math.floor(side / ratio)) }
    : { width: Math.max(1, Math.floor(side * ratio)), height: side };
}

function longer({ width, height }: Size): number {
  return Math.max(width, height);
}

/** The next multiple. */
function up(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
