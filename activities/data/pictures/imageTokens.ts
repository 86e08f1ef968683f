/** How many tokens a picture costs a model of the Qwen-VL family: the processor's own arithmetic (formats E.2). */
import type { ResolvedRecipe } from '../../../config/resolved.js';

export type PictureModel = Pick<ResolvedRecipe['model'], 'patch' | 'merge' | 'minimumPixels' | 'maximumPixels'>;

/** Start and end of vision, around the tokens of each picture. */
export const tokensAroundImage = 2;

/**
 * Tokens that hold the picture, without start and end. The sides become multiples of patch times merge, the area is
 * kept between minimum and maximum, and one token covers (patch times merge) squared pixels.
 */
export function imageTokens(width: number, height: number, model: PictureModel): number {
  const factor = model.patch * model.merge;
  let rows = halfToEven(height / factor);
  let columns = halfToEven(width / factor);
  const pixels = rows * columns * factor * factor;
  if (pixels > model.maximumPixels) {
    const shrink = Math.sqrt((height * width) / model.maximumPixels);
    rows = Math.max(1, Math.floor(height / shrink / factor));
    columns = Math.max(1, Math.floor(width / shrink / factor));
  } else if (pixels < model.minimumPixels) {
    const grow = Math.sqrt(model.minimumPixels / (height * width));
    rows = Math.ceil((height * grow) / factor);
    columns = Math.ceil((width * grow) / factor);
  }
  return rows * columns;
}

/** Python's rounding, which the processor uses: 2.5 is 2 and 3.5 is 4. */
function halfToEven(value: number): number {
  const rounded = Math.round(value);
  return value % 1 === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
