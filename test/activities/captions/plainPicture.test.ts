import sharp, { type Sharp } from 'sharp';
import { plainType } from '../../../activities/captions/plainPicture.js';
import { CaptionPictures } from '../../../config/captioning.js';

const limits = CaptionPictures.parse({});
const made = () => sharp({ create: { width: 60, height: 40, channels: 3, background: '#336699' } });

async function typeOf(picture: Sharp, over: Partial<CaptionPictures> = {}) {
  return plainType(await picture.toBuffer(), { ...limits, ...over });
}

describe('plainType', () => {
  it('lets upright RGB files of 8 bits through as they are', async () => {
    expect(await typeOf(made().png())).toBe('image/png');
    expect(await typeOf(made().jpeg())).toBe('image/jpeg');
    expect(await typeOf(made().jpeg({ progressive: true }))).toBe('image/jpeg');
    expect(await typeOf(made().withMetadata().jpeg())).toBe('image/jpeg');
  });

  it.each([
    ['transparency', () => made().ensureAlpha(0.5).png()],
    ['a palette', () => made().png({ palette: true })],
    ['grey', () => made().toColourspace('b-w').png()],
    ['a grey JPEG', () => made().toColourspace('b-w').jpeg()],
    ['16 bits', () => made().toColourspace('rgb16').png()],
    ['CMYK', () => made().toColourspace('cmyk').jpeg()],
    ['an orientation', () => made().withMetadata({ orientation: 3 }).jpeg()],
    ['another colour space', () => made().withIccProfile('p3').jpeg()],
    ['another colour space in a PNG', () => made().withIccProfile('p3').png()],
    ['another format', () => made().webp()],
  ])('leaves %s to the decoder', async (_, picture) => {
    expect(await typeOf(picture())).toBeNull();
  });

  it('leaves pictures beyond the limits to the decoder', async () => {
    expect(await typeOf(made().png(), { longestSide: 59 })).toBeNull();
    expect(await typeOf(made().png(), { maximumPixels: 2399 })).toBeNull();
    expect(await typeOf(made().png(), { maximumAspect: 1.4 })).toBeNull();
  });

  it('finds every single damaged byte of a PNG, and every missing end', async () => {
    const png = await made().png().toBuffer();
    for (let at = 8; at < png.length; at += 1) {
      const damaged = Buffer.from(png);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect({ at, type: plainType(damaged, limits) }).toEqual({ at, type: null });
    }
    for (const whole of [png, await made().jpeg().toBuffer()])
      for (let length = 0; length < whole.length; length += 7)
        expect(plainType(whole.subarray(0, length), limits)).toBeNull();
  });
});
