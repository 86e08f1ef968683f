import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { makeCopy, planCopies } from '../../../../activities/data/augment/augment.js';
import { safeTransforms } from '../../../../activities/data/augment/safety.js';
import type { DecodedPicture } from '../../../../activities/data/pictures/decodePicture.js';
import { sha256 } from '../../../../activities/storage/files.js';
import { Augment, type TransformName, transformNames } from '../../../../config/augment.js';
import { AnswerKind } from '../../../../config/evaluation.js';
import { TaskRecord } from '../../../../config/records.js';
import { recordOf } from '../convert/builders.js';

const everything = {
  shift: 0.1,
  scale: 0.2,
  rotate: 5,
  brightness: 0.2,
  contrast: 0.2,
  colour: 0.1,
  jpeg: 60,
  blur: 1,
  noise: 8,
  flip: 'horizontal',
};

const shapes = { kind: 'label', labels: ['circle', 'square'] };

function refusedFor(question: string, answer: unknown = shapes, augment: object = everything): TransformName[] {
  const asked = { question, answer: AnswerKind.parse(answer), language: 'auto' as const };
  return safeTransforms(Augment.parse(augment), asked).refused.map(({ transform }) => transform);
}

describe('safeTransforms (R7)', () => {
  it.each([
    ['Which shape is it?', shapes, []],
    ['Which shape is on the left?', shapes, ['flip']],
    ['Welche Form liegt links?', shapes, ['flip']],
    ['左边是什么？', shapes, ['flip']],
    ['Which colour is the circle?', shapes, ['colour']],
    ['Which one is it?', { kind: 'label', labels: ['red', 'green'] }, ['colour']],
    ['何色ですか。', shapes, ['colour']],
    ['¿Dónde está el círculo?', shapes, ['shift', 'scale', 'rotate', 'flip']],
    ['At which angle does it hang?', shapes, ['rotate', 'flip']],
    ['Which one is larger?', shapes, ['scale']],
    ['Is it day or night?', shapes, ['brightness', 'contrast']],
    ['La photo est-elle floue ?', shapes, ['jpeg', 'blur', 'noise']],
    ['What is it?', { kind: 'text' }, ['flip']],
    ['How many are there?', { kind: 'number' }, ['flip']],
    ['Find it.', { kind: 'json', fields: { x: 'number', y: 'number' } }, ['shift', 'scale', 'rotate', 'flip']],
  ])('refuses for %j what could make its answer untrue', (question, answer, refused) => {
    expect(refusedFor(question, answer)).toEqual(refused);
  });

  it('says by which word it was seen, does what a person allows, and nothing that is not declared', () => {
    const asked = { question: 'Which is left?', answer: AnswerKind.parse(shapes), language: 'en' as const };
    const augment = Augment.parse({ shift: 0.1, flip: 'horizontal' });
    expect(safeTransforms(augment, asked)).toEqual({
      safe: ['shift'],
      refused: [{ transform: 'flip', reason: 'the question is about left and right ("left")' }],
    });
    expect(safeTransforms({ ...augment, allow: ['flip'] }, asked).safe).toEqual(['shift', 'flip']);
    expect(safeTransforms(Augment.parse({}), asked)).toEqual({ safe: [], refused: [] });
  });

  it('does not take a part of a word for the word', () => {
    expect(refusedFor('Which bright-eyed leftover?', shapes, { flip: 'horizontal' })).toEqual([]);
  });
});

describe('planCopies', () => {
  const settings = (augment: object) => ({
    augment: Augment.parse(augment),
    answer: AnswerKind.parse(shapes),
    language: 'auto' as const,
    seed: 1,
  });
  const record = recordOf('r', 'circle', { question: 'Which shape?' });

  it('draws different transforms, the same for the same seed and record', () => {
    const { copies } = planCopies(record, settings({ ...everything, copies: 4 }));
    expect(new Set(copies.map(({ by }) => by)).size).toBe(4);
    expect(copies.map(({ id, by }) => id === `r/${by}`)).toEqual([true, true, true, true]);
    expect(planCopies(record, settings({ ...everything, copies: 4 })).copies).toEqual(copies);
    const others = Array.from({ length: 20 }, (_, index) =>
      planCopies({ ...record, id: `r${index}` }, settings(everything)),
    );
    expect(new Set(others.map(({ copies: [copy] }) => copy?.by)).size).toBeGreaterThan(3);
  });

  it('takes the share that is wished, and makes no copy of a copy or of a record without pictures', () => {
    const made = Array.from({ length: 500 }, (_, index) =>
      planCopies({ ...record, id: `r${index}` }, settings({ shift: 0.1, share: 0.3 })),
    ).filter(({ copies }) => copies.length > 0).length;
    expect(made).toBeGreaterThan(110);
    expect(made).toBeLessThan(190);
    expect(planCopies({ ...record, images: [] }, settings(everything)).copies).toEqual([]);
    expect(planCopies({ ...record, from: { record: 'x', by: 'yesNo' } }, settings(everything)).copies).toEqual([]);
  });
});

describe('makeCopy', () => {
  const [width, height] = [40, 30];
  let folder: string;
  let original: Buffer;
  const kept = new Map<string, DecodedPicture>();
  const keep = async (picture: DecodedPicture) => {
    const name = `images/${sha256(picture.rgb)}.png`;
    kept.set(name, picture);
    return name;
  };
  const record = recordOf('r', 'circle', { question: 'Which shape?' });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'anneal-augment-'));
    const square = Buffer.from(`<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="#336"/>
      <rect x="2" y="2" width="12" height="8" fill="#f40"/></svg>`);
    const drawn = sharp(square).removeAlpha();
    await drawn.clone().toFile(path.join(folder, 'r.png'));
    original = await drawn.clone().raw().toBuffer();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function copyBy(name: TransformName, over: object = {}) {
    const augment = Augment.parse({ [name]: everything[name], ...over });
    const [copy] = planCopies(record, { augment, answer: AnswerKind.parse(shapes), language: 'en', seed: 3 }).copies;
    if (!copy) throw new Error('no copy');
    const made = await makeCopy({ ...record, images: ['r.png'] }, copy, { folder, keep });
    const picture = kept.get(made.images[0] ?? '');
    if (!picture) throw new Error('no picture');
    return { made, picture };
  }

  /** Pixels that are mostly orange, as the rectangle is. */
  const orange = ({ rgb }: Pick<DecodedPicture, 'rgb'>) =>
    Array.from({ length: rgb.length / 3 }, (_, at) => (rgb[3 * at] ?? 0) > 150 && (rgb[3 * at + 2] ?? 0) < 80).filter(
      Boolean,
    ).length;

  it.each(transformNames)(
    '%s changes pixels, keeps size, answer and group, and makes the same bytes again',
    async (name) => {
      const { made, picture } = await copyBy(name);
      expect(TaskRecord.parse(made)).toEqual(made);
      expect(made).toMatchObject({ id: `r/augment:${name}`, group: record.group, messages: record.messages });
      expect(made.from).toEqual({ record: 'r', by: `augment:${name}` });
      expect([picture.width, picture.height]).toEqual([width, height]);
      expect(picture.rgb.equals(original)).toBe(false);
      expect((await copyBy(name)).picture.rgb.equals(picture.rgb)).toBe(true);
    },
  );

  it.each(['shift', 'scale', 'rotate'] as const)('%s lets nothing leave the frame', async (name) => {
    const most = { shift: 0.2, scale: 0.3, rotate: 15 };
    const { picture } = await copyBy(name, { [name]: most[name] });
    const before = orange({ rgb: original });
    const smallest = (1 - (name === 'rotate' ? 0.35 : most[name])) ** 2;
    expect(orange(picture)).toBeGreaterThan(before * smallest * 0.75);
    const rows = Array.from({ length: height }, (_, y) => y).filter((y) => isOrangeAt(picture, 0, y));
    expect(rows).toEqual([]);
  });

  function isOrangeAt({ rgb }: DecodedPicture, x: number, y: number): boolean {
    const at = 3 * (y * width + x);
    return (rgb[at] ?? 0) > 150 && (rgb[at + 2] ?? 0) < 80;
  }
});
