import { readFileSync } from 'node:fs';
import { imageTokens } from '../../../activities/data/pictures/imageTokens.js';
import { BaseModel, type PictureModel } from '../../../config/models.js';

interface Counted {
  family?: string;
  model: PictureModel;
  width: number;
  height: number;
  tokens: number;
  withMarks?: number;
}

const counted = (file: string): Counted[] => JSON.parse(readFileSync(`test/fixtures/image-tokens/${file}`, 'utf8'));
const placed = { uri: 'file:///model', preset: '4b', architecture: 'A', contextTokens: 8192, digest: 'd' };

describe('imageTokens', () => {
  it('counts what the real processor of the Qwen-VL family counts, and start and end of vision', () => {
    const figures = counted('tokens.json');
    expect(figures.length).toBeGreaterThan(400);
    const ours = figures.map((figure) => ({ ...figure, tokens: imageTokens(figure, figure.model) - 2 }));
    expect(ours).toEqual(figures);
  });

  it.each(['internvl', 'gemma3', 'smolvlm'])(
    'counts what the real processor of %s puts in the place of a picture',
    (family) => {
      const figures = counted('families.json').filter((figure) => figure.family === family);
      expect(figures.length).toBeGreaterThan(100);
      const ours = figures.map((figure) => ({ ...figure, withMarks: imageTokens(figure, figure.model) }));
      expect(ours).toEqual(figures);
    },
  );

  it('takes every rule that a trainer tells as that of a base model', () => {
    for (const { model } of [...counted('tokens.json'), ...counted('families.json')])
      expect(BaseModel.parse({ ...placed, ...model })).toEqual({ ...placed, ...model });
  });
});
