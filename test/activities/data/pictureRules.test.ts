/** Every kind of picture by its named rule, on the bytes that another program wrote; and the rules that a task may set. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { decodePicture } from '../../../activities/data/pictures/decodePicture.js';
import { readHeader } from '../../../activities/data/pictures/pictureHeader.js';
import { type PictureLimits, paddedSize, shrunkSize } from '../../../activities/data/pictures/pictureLimits.js';
import { RecipeSettings } from '../../../config/settings.js';
import { build, cases, fates, freshFolder, removeFreshFolders } from './build.js';

jest.setTimeout(180_000);
afterAll(removeFreshFolders);

const usual: PictureLimits = RecipeSettings.parse({}).data;
const pillow = (name: string) => readFileSync(path.join('test/fixtures/pictures', name));

async function decode(bytes: Buffer, own: Partial<PictureLimits> = {}) {
  const limits = { ...usual, ...own };
  const { rgb, ...picture } = await decodePicture(bytes, await readHeader(bytes, limits), limits);
  return { ...picture, first: [...rgb.subarray(0, 3)], last: [...rgb.subarray(-3)] };
}

const close = (...values: number[]) => values.map((value) => expect.closeTo(value, -1.2));

describe('a picture by Pillow', () => {
  it.each([
    ['palette.png', close(200, 50, 20)],
    ['ycbcr.tiff', close(200, 50, 20)],
    ['one.avif', close(200, 50, 20)],
    ['one-bit.png', [255, 255, 255]],
    ['one-bit.tiff', [255, 255, 255]],
    ['grey.jpg', close(91, 91, 91)],
    // Ink has no exact red: the profile of a usual press decides.
    ['cmyk.jpg', close(190, 69, 33)],
    ['cmyk.tiff', close(190, 69, 33)],
  ])('%s has one colour for all', async (name, colour) => {
    expect(await decode(pillow(name))).toMatchObject({
      first: colour,
      width: 40,
      height: 30,
      range: null,
      repairs: [],
    });
  });

  it.each([
    ['alpha.png', close(200, 50, 20)],
    ['palette-alpha.png', close(200, 50, 20)],
    ['grey-alpha.png', close(91, 91, 91)],
  ])('%s has its transparent half white', async (name, colour) => {
    expect(await decode(pillow(name))).toMatchObject({ first: colour, last: [255, 255, 255] });
  });

  it.each([
    ['grey16.png', '12 bits', 255],
    ['grey16.tiff', '12 bits', 255],
    ['float.tiff', 'floats to 1', 128],
  ])('%s is brought to 8 bits by sensorRange of %s', async (name, range, value) => {
    expect(await decode(pillow(name))).toMatchObject({ range, first: [value, value, value] });
  });

  it('in HEIC is refused by name, since the decoder has no HEVC', async () => {
    await expect(decode(pillow('red.heic'))).rejects.toMatchObject({
      reason: 'imageUnreadable',
      detail: expect.stringContaining('HEIC'),
    });
  });
});

describe('data.animated', () => {
  const animated = ['frames.gif', 'frames.webp', 'frames.png', 'pages.tiff'];

  it.each([...animated, 'frames.avif'])('refuses %s by default', async (name) => {
    await expect(decode(pillow(name))).rejects.toMatchObject({ reason: 'imageAnimated' });
  });

  it.each(animated)('takes the first frame of %s where the task says so, and counts it', async (name) => {
    const picture = await decode(pillow(name), { animated: 'first' });
    expect(picture).toMatchObject({ first: close(200, 50, 20), width: 40, height: 30, repairs: ['firstFrame'] });
  });
});

describe('data.truncated', () => {
  it('accepts the picture that lost its last 15 bytes and no other, and counts it', async () => {
    const root = path.join(cases, 'damaged-images');
    const made = await build({ root, files: ['train.jsonl'], data: { truncated: 'accept' } });
    expect(fates(made)).toEqual({
      'ok.jpg': 'used',
      'cut.jpg': 'imageDamaged',
      'tail.jpg': 'used',
      'empty.png': 'imageEmpty',
      'page.jpg': 'imageUnreadable',
      'wrong.png': 'sameImageQuestionAnswer',
      'badcrc.png': 'imageDamaged',
    });
    expect(made.manifest.counts.repairs).toEqual({ formatByContent: 1, truncatedAccepted: 1 });
  });

  it('accepts no progressive picture, which nobody can say how much of is missing', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const whole = sharp({ create: { width: 200, height: 300, channels: 3, background: 'white', noise } });
    const progressive = await whole.clone().jpeg({ progressive: true }).toBuffer();
    const baseline = await whole.clone().jpeg().toBuffer();
    const accept = { truncated: 'accept' } as const;
    await expect(decode(progressive.subarray(0, -2), accept)).rejects.toMatchObject({ reason: 'imageDamaged' });
    expect(await decode(baseline.subarray(0, -12), accept)).toMatchObject({ repairs: ['truncatedAccepted'] });
    await expect(decode(baseline.subarray(0, baseline.length * 0.9), accept)).rejects.toMatchObject({
      reason: 'imageDamaged',
    });
  });
});

describe('data.extremeAspect', () => {
  it('pads strips with white to just below the limit, and counts them', async () => {
    const root = path.join(cases, 'extreme-aspect');
    const made = await build({ root, files: ['train.jsonl'], data: { extremeAspect: 'pad' } });
    expect(made.manifest.counts).toMatchObject({ read: 4, used: 4, rejected: 0, repairs: { aspectPadded: 3 } });
    for (const { images } of made.records) {
      const { width, height } = await sharp(path.join(made.folder, images[0] as string)).metadata();
      expect(Math.max(width, height) / Math.min(width, height)).toBeLessThan(200);
    }
  });

  it('leaves the strip in the middle of its borders', async () => {
    const strip = await sharp({ create: { width: 1000, height: 2, channels: 3, background: '#102030' } })
      .png()
      .toBuffer();
    const limits = { ...usual, extremeAspect: 'pad' } as const;
    const { rgb, width, height } = await decodePicture(strip, await readHeader(strip, limits), limits);
    expect([width, height]).toEqual([1000, 6]);
    const rows = Array.from({ length: 6 }, (_, row) => rgb[row * 3000]);
    expect(rows).toEqual([255, 255, 0x10, 0x10, 255, 255]);
  });

  it('never reaches the limit and never cuts, whatever the sides', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 70_000 }), (width, height) => {
        const padded = paddedSize({ width, height }, 199);
        expect(padded.width).toBeGreaterThanOrEqual(width);
        expect(padded.height).toBeGreaterThanOrEqual(height);
        const ratio = Math.max(width, height) / Math.min(width, height);
        const after = Math.max(padded.width, padded.height) / Math.min(padded.width, padded.height);
        if (ratio > 199) expect(after).toBeLessThan(199);
      }),
    );
  });
});

describe('data.tooLarge', () => {
  it('shrinks 192 million pixels while they are loaded, and refuses a header without pixels', async () => {
    const root = path.join(cases, 'huge-pixels');
    const made = await build({ root, files: ['train.jsonl'], data: { tooLarge: 'shrink' } });
    expect(fates(made)).toEqual({ 'blank.png': 'used', 'header.png': 'imageTooLarge', 'fine.png': 'used' });
    expect(made.manifest.counts.repairs).toEqual({ shrunk: 1 });
    const blank = made.records.find(({ id }) => id === 'blank.png')?.images[0] as string;
    const { width, height } = await sharp(path.join(made.folder, blank)).metadata();
    expect(width * height).toBeLessThanOrEqual(usual.maximumPixels);
    expect(width / height).toBeCloseTo(16 / 12, 2);
  });

  it('turns what it shrank, and keeps its depth', async () => {
    const limits = { tooLarge: 'shrink', maximumPixels: 1200 } as const;
    const half = { create: { width: 60, height: 40, channels: 3, background: 'black' } } as const;
    const bright = await sharp({ create: { ...half.create, width: 30, background: 'white' } })
      .png()
      .toBuffer();
    const turned = await sharp(half)
      .composite([{ input: bright, left: 0, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const picture = await decode(turned, limits);
    expect(picture).toMatchObject({ repairs: ['shrunk'], first: close(255, 255, 255), last: close(0, 0, 0) });
    expect(picture.width).toBeLessThan(picture.height);
    const deep = readFileSync(path.join(cases, 'sixteen-bit/sensor12.png'));
    expect(await decode(deep, limits)).toMatchObject({ repairs: ['shrunk'], range: '12 bits' });
  });

  it('shrinks no interlaced file, which would be in memory whole', async () => {
    const bytes = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
      .png({ progressive: true })
      .toBuffer();
    await expect(decode(bytes, { tooLarge: 'shrink', maximumPixels: 1200 })).rejects.toMatchObject({
      reason: 'imageTooLarge',
    });
  });

  it('keeps every side at least 1 and the area within the limit', () => {
    expect(shrunkSize({ width: 2000, height: 3 }, 64)).toEqual({ width: 64, height: 1 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 1e8 }),
        (width, height, limit) => {
          fc.pre(width * height > limit);
          const small = shrunkSize({ width, height }, limit);
          expect(Math.min(small.width, small.height)).toBeGreaterThanOrEqual(1);
          expect(small.width * small.height).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });
});

describe('a picture of a dataset', () => {
  it('loses its place and camera, which are nobody’s business', async () => {
    const root = freshFolder();
    const exif = { IFD0: { Make: 'Camera' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' } };
    const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
    writeFileSync(path.join(root, 'a.jpg'), await picture.withExif(exif).jpeg().toBuffer());
    writeFileSync(path.join(root, 'r.jsonl'), '{"image": "a.jpg", "question": "q", "answer": "a"}');
    const made = await build({ root, files: ['r.jsonl'] });
    const { exif: kept } = await sharp(path.join(made.folder, made.records[0]?.images[0] as string)).metadata();
    expect(kept).toBeUndefined();
  });
});
