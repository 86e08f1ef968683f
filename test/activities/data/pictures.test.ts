import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { decodePicture } from '../../../activities/data/pictures/decodePicture.js';
import { readHeader } from '../../../activities/data/pictures/pictureHeader.js';
import type { PictureLimits } from '../../../activities/data/pictures/pictureLimits.js';
import { scaleBySensorRange } from '../../../activities/data/pictures/sensorRange.js';
import { RecipeSettings } from '../../../config/settings.js';
import { build, fates, freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

const usual: PictureLimits = RecipeSettings.parse({}).data;
const red = { width: 40, height: 30, channels: 3 as const, background: { r: 200, g: 50, b: 20 } };

async function decode(bytes: Buffer, own: Partial<PictureLimits> = {}) {
  const limits = { ...usual, ...own };
  const { rgb, width, height, range, repairs } = await decodePicture(bytes, await readHeader(bytes, limits), limits);
  return { first: [...rgb.subarray(0, 3)], rgb, bytes: rgb.length, width, height, range, repairs };
}
const near = (value: number) => expect.closeTo(value, -1);

describe('a picture', () => {
  it.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)('is read from %s as RGB', async (format) => {
    const bytes = await sharp({ create: red }).toFormat(format).toBuffer();
    expect(await decode(bytes)).toMatchObject({ first: [near(200), near(50), near(20)], bytes: 3600, range: null });
  });

  it('has its transparent parts on white, in grey and colour, 8 and 16 bits', async () => {
    const clear = sharp({ create: { ...red, channels: 4, background: { r: 200, g: 50, b: 20, alpha: 0 } } });
    const white = { first: [255, 255, 255], bytes: 3600 };
    expect(await decode(await clear.clone().png().toBuffer())).toMatchObject(white);
    expect(await decode(await clear.clone().toColourspace('b-w').png().toBuffer())).toMatchObject(white);
    expect(await decode(await clear.clone().toColourspace('rgb16').png().toBuffer())).toMatchObject(white);
  });

  it('is brought from CMYK and from another profile to sRGB', async () => {
    const cmyk = await sharp({ create: red }).toColourspace('cmyk').jpeg().toBuffer();
    expect((await decode(cmyk)).bytes).toBe(3600);
    const wide = await sharp({ create: red }).withIccProfile('p3').png().toBuffer();
    expect((await decode(wide)).first).toEqual([near(200), near(50), near(20)]);
  });

  it('with several frames, of no known format or with deep integers is refused', async () => {
    const frames = await sharp(
      [await sharp({ create: red }).png().toBuffer(), await sharp({ create: red }).negate().png().toBuffer()],
      { join: { animated: true } },
    )
      .gif()
      .toBuffer();
    await expect(decode(frames)).rejects.toMatchObject({ reason: 'imageAnimated' });
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>',
    );
    await expect(decode(svg)).rejects.toMatchObject({ reason: 'imageUnreadable' });
  });

  it('with flipped bytes in a JPEG is damaged, not half grey', async () => {
    const noise = await sharp({
      create: { ...red, width: 200, height: 200, noise: { type: 'gaussian', mean: 128, sigma: 40 } },
    })
      .jpeg()
      .toBuffer();
    const cut = Buffer.concat([noise.subarray(0, noise.length / 2), noise.subarray(noise.length - 2)]);
    await expect(decode(cut)).rejects.toMatchObject({ reason: 'imageDamaged' });
  });
});

describe('the rule sensorRange', () => {
  const grey = (...values: number[]) => ({
    data: Uint16Array.from(values),
    width: values.length,
    height: 1,
    channels: 1,
  });

  it.each([
    [1023, '10 bits'],
    [1024, '12 bits'],
    [4095, '12 bits'],
    [16_383, '14 bits'],
    [65_535, '16 bits'],
    [200, '8 bits'],
  ])('takes a brightest value of %d for a sensor of %s', (brightest, range) => {
    expect(scaleBySensorRange(grey(0, brightest)).range).toBe(range);
  });

  it('keeps pictures of one sensor comparable', () => {
    const bright = scaleBySensorRange(grey(1500, 4095)).rgb[0];
    expect(scaleBySensorRange(grey(1500, 1600)).rgb[0]).toBe(bright);
  });

  it('refuses floats below zero, beyond 255 or not numbers', () => {
    const floats = (value: number) => ({ data: Float32Array.of(0, value), width: 2, height: 1, channels: 1 });
    expect(scaleBySensorRange(floats(0.5)).rgb[3]).toBe(128);
    for (const value of [-0.1, 300, Number.NaN]) expect(() => scaleBySensorRange(floats(value))).toThrow(/imageDepth/);
  });
});

describe('pictures of a dataset', () => {
  it('are stored once by content, without metadata, and only where a used record shows them', async () => {
    const root = freshFolder();
    const picture = sharp({ create: red });
    writeFileSync(path.join(root, 'a.png'), await picture.clone().png({ compressionLevel: 0 }).toBuffer());
    writeFileSync(
      path.join(root, 'b.png'),
      await picture
        .clone()
        .withExif({ IFD0: { Make: 'Camera' } })
        .png()
        .toBuffer(),
    );
    writeFileSync(path.join(root, 'c.png'), await picture.clone().negate().png().toBuffer());
    const rows = [
      { id: 'a', image: 'a.png', question: 'q', answer: 'x' },
      { id: 'b', image: 'b.png', question: 'q', answer: 'y' },
      { id: 'c', image: 'c.png', question: 'q '.repeat(2000), answer: 'z' },
    ];
    writeFileSync(path.join(root, 'r.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const made = await build({ root, files: ['r.jsonl'] });
    expect(fates(made)).toEqual({ a: 'used', b: 'used', c: 'tooLong' });
    expect(made.manifest.counts.images).toBe(1);
    const stored = made.records[0]?.images[0] as string;
    const { format, channels, exif, icc } = await sharp(path.join(made.folder, stored)).metadata();
    expect({ format, channels, exif, icc }).toEqual({ format: 'png', channels: 3 });
  });
});
