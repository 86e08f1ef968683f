import { z } from 'zod';
import { ModelShape } from './parallel.js';

const count = z.int().positive();

/** Qwen-VL: pictures are cut into patches, and squares of patches are merged into tokens. */
export const PatchRule = z.strictObject({
  patch: count.describe('Side of a patch, pixels.'),
  merge: count.describe('Patches a side that make one token.'),
  minimumPixels: count.describe('A smaller picture is enlarged to this area.'),
  maximumPixels: count.describe('A larger one is shrunk to it.'),
});

export type PatchRule = z.infer<typeof PatchRule>;

/** How the processors of other families count a picture, by the keys of their configurations. */
export const PictureRule = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('fixed'),
      tokens: count,
      marks: z.int().nonnegative().describe('Tokens around those of a picture, at most.'),
    })
    .describe('Gemma 3, and SmolVLM without splitting: every picture takes as many.'),
  z
    .strictObject({
      kind: z.literal('tiles'),
      width: count.describe('Of a tile, pixels.'),
      height: count,
      minimumTiles: count,
      maximumTiles: count,
      tokens: count.describe('Of a tile.'),
    })
    .describe('InternVL: the arrangement of tiles that is nearest in ratio, and the whole picture as one more.'),
  z
    .strictObject({
      kind: z.literal('grid'),
      longestSide: count.describe('Pixels that the longest side is brought to.'),
      tile: count.describe('Side of a square, pixels.'),
      tokens: count.describe('Of a square.'),
    })
    .describe('SmolVLM: squares cut from the picture, and the whole picture as one more.'),
]);
export type PictureRule = z.infer<typeof PictureRule>;

/** What the tokens of a picture follow from. */
export type PictureModel = PatchRule | { pictures: PictureRule };

const known = {
  contextTokens: z.int(),
  digest: z.string(),
  shape: ModelShape.nullish().describe('For memory and layout (R10); none where its configuration does not say it.'),
};
const architecture = z.string();
const placed = { uri: z.string(), preset: z.string() };
const byRule = { pictures: PictureRule };

/** What the trainer tells of a model folder. Without `pictures` the rule is Qwen-VL's, as in every older recipe. */
export const ModelInfo = z.union([
  z.strictObject({ architecture, ...PatchRule.shape, ...known }),
  z.strictObject({ architecture, ...byRule, ...known }),
]);
export type ModelInfo = z.infer<typeof ModelInfo>;

/** The base model of a run. */
export const BaseModel = z.union([
  z.strictObject({ ...placed, architecture, ...PatchRule.shape, ...known }),
  z.strictObject({ ...placed, architecture, ...byRule, ...known }),
]);
