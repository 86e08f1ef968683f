/** How many tokens a picture takes of a prompt, its marks included: the arithmetic of the families' processors (formats E.2). */
import type { PatchRule, PictureModel, PictureRule } from '../../../config/models.js';
import { gridOf } from './gridOf.js';
import type { Size } from './pictureLimits.js';
import { tilesOf } from './tilesOf.js';

/** At most: where a tokenizer joins line breaks, fewer. */
export function imageTokens(picture: Size, model: PictureModel): number {
  return 'pictures' in model ? byRule(picture, model.pictures) : merged(picture, model) + startAndEnd;
}

const startAndEnd = 2;

function byRule(picture: Size, rule: PictureRule): number {
  switch (rule.kind) {
    case 'fixed':
      return rule.tokens + rule.marks;
    case 'tiles': {
      const tiles = tilesOf(picture, rule);
      return (tiles > 1 ? tiles + 1 : 1) * rule.tokens + startAndEnd;
    }
    case 'grid': {
      const { rows, columns } = gridOf(picture, rule);
      const squares = rows * columns;
      if (squares === 1) return rule.tokens + marksAroundWhole;
      // A mark and a name before each square, a line break after each row and before the whole picture.
      return (squares + 1) * rule.tokens + 2 * squares + rows + 1 + marksAroundWhole;
    }
  }
}

/** SmolVLM: a mark, a name and a mark. */
const marksAroundWhole = 3;

/**
 * Qwen-VL: the sides become multiples of patch times merge, the area is kept between minimum and maximum, and one token
 * covers (patch times merge) squared pixels.
 */
function merged({ width, height }: Size, model: PatchRule): number {
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
