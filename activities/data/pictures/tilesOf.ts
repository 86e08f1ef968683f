/** InternVL: in how many tiles its processor cuts a picture. */
import type { PictureRule } from '../../../config/models.js';
import type { Size } from './pictureLimits.js';

type TileRule = Extract<PictureRule, { kind: 'tiles' }>;

/**
 * Those of the arrangement nearest in ratio. Of two that are as near the one with more tiles is taken, unless they would
 * hold more than twice the pixels of the picture.
 */
export function tilesOf({ width, height }: Size, rule: TileRule): number {
  let best = 1;
  let nearest = Number.POSITIVE_INFINITY;
  for (const { tiles, ratio } of arrangements(rule)) {
    const distance = Math.abs(width / height - ratio);
    const roomy = width * height > 0.5 * rule.width * rule.height * tiles;
    if (distance < nearest || (distance === nearest && roomy)) best = tiles;
    nearest = Math.min(nearest, distance);
  }
  return best;
}

/** Fewest tiles first, then the narrowest. */
function arrangements({ minimumTiles, maximumTiles }: TileRule): { tiles: number; ratio: number }[] {
  const sides = Array.from({ length: maximumTiles }, (_, index) => index + 1);
  return sides
    .flatMap((columns) => sides.map((rows) => ({ tiles: columns * rows, ratio: columns / rows })))
    .filter(({ tiles }) => tiles >= minimumTiles && tiles <= maximumTiles)
    .sort((one, other) => one.tiles - other.tiles);
}
