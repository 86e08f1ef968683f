import { readFileSync } from 'node:fs';
import { imageTokens, type PictureModel } from '../../../activities/data/pictures/imageTokens.js';

const figures: { model: PictureModel; width: number; height: number; tokens: number }[] = JSON.parse(
  readFileSync('test/fixtures/image-tokens/tokens.json', 'utf8'),
);

describe('imageTokens', () => {
  it('counts what the real processor of the Qwen-VL family counts', () => {
    expect(figures.length).toBeGreaterThan(400);
    const ours = figures.map((figure) => ({
      ...figure,
      tokens: imageTokens(figure.width, figure.height, figure.model),
    }));
    expect(ours).toEqual(figures);
  });
});
