/** TIFF files as sensors, scanners and satellites write them. */
import { decodePicture } from '../../../activities/data/pictures/decodePicture.js';
import { readHeader } from '../../../activities/data/pictures/pictureHeader.js';
import type { PictureLimits } from '../../../activities/data/pictures/pictureLimits.js';
import { RecipeSettings } from '../../../config/settings.js';

interface Tiff {
  samples: Uint8Array | Uint16Array | Float32Array;
  channels: number;
  /** 1 black is 0, 2 RGB. */
  photometric?: 1 | 2;
  /** 1 unsigned, 3 floats. */
  sampleFormat?: 1 | 3;
  /** Bits of a sample, where its array does not tell. */
  bits?: number;
  /** Further tags, each of one short or of four letters. */
  tags?: Record<number, number | string>;
}

const side = 8;
const [short, long, ascii] = [3, 4, 2];

/** 8 by 8 pixels in one strip, without compression. */
function tiffOf({ samples, channels, photometric = 2, sampleFormat = 1, bits, tags = {} }: Tiff): Buffer {
  const pixels = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const own = {
    258: bits ?? samples.BYTES_PER_ELEMENT * 8,
    259: 1,
    262: photometric,
    277: channels,
    339: sampleFormat,
  };
  const all: Record<number, number | string> = { 256: side, 257: side, 273: 0, 278: side, ...own, 279: pixels.length };
  const entries = Object.entries({ ...all, ...tags }).sort(([one], [other]) => Number(one) - Number(other));
  const directory = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  directory.write('II*\0', 'latin1');
  directory.writeUInt32LE(8, 4);
  directory.writeUInt16LE(entries.length, 8);
  const perSample: Buffer[] = [];
  const end = () => directory.length + Buffer.concat(perSample).length;
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 10 + index * 12;
    const repeated = ['258', '339'].includes(tag) && channels > 2;
    directory.writeUInt16LE(Number(tag), at);
    directory.writeUInt16LE(typeof value === 'string' ? ascii : tag === '273' ? long : short, at + 2);
    directory.writeUInt32LE(repeated ? channels : typeof value === 'string' ? 4 : 1, at + 4);
    if (typeof value === 'string') directory.write(value, at + 8, 'latin1');
    else if (repeated) {
      directory.writeUInt32LE(end(), at + 8);
      perSample.push(Buffer.from(Uint16Array.from({ length: channels }, () => value).buffer));
    } else directory.writeUInt32LE(value, at + 8);
  }
  directory.writeUInt32LE(end(), 10 + entries.findIndex(([tag]) => tag === '273') * 12 + 8);
  return Buffer.concat([directory, ...perSample, pixels]);
}

/** Every pixel has these values. */
function filled<Samples extends Uint8Array | Uint16Array | Float32Array>(into: Samples, ...pixel: number[]): Samples {
  for (const index of into.keys()) into[index] = pixel[index % pixel.length] ?? 0;
  return into;
}
const bytes = (...pixel: number[]) => filled(new Uint8Array(side * side * pixel.length), ...pixel);
const floats = (...pixel: number[]) => filled(new Float32Array(side * side * pixel.length), ...pixel);

async function decode(tiff: Tiff, own: Partial<PictureLimits> = {}) {
  const limits = { ...RecipeSettings.parse({}).data, ...own };
  const file = tiffOf(tiff);
  const { rgb, range } = await decodePicture(file, await readHeader(file, limits), limits);
  return { first: [...rgb.subarray(0, 3)], range };
}

describe('a TIFF', () => {
  it('in floats and colour is brought to 8 bits as one in grey is: nothing is taken for linear light', async () => {
    const colour = (...pixel: number[]) => decode({ samples: floats(...pixel), channels: 3, sampleFormat: 3 });
    expect(await colour(0.5, 0.25, 0)).toEqual({ first: [128, 64, 0], range: 'floats to 1' });
    expect(await colour(200, 50, 20)).toEqual({ first: [200, 50, 20], range: 'floats to 255' });
  });

  it('in half floats and grey, which the decoder makes black, is refused', async () => {
    const half = filled(new Uint16Array(side * side), 0x3800);
    await expect(decode({ samples: half, channels: 1, photometric: 1, sampleFormat: 3 })).rejects.toMatchObject({
      reason: 'imageDepth',
    });
  });

  it.each([
    ['unspecified', { 338: 0 }],
    ['not named', {}],
  ])('with a fourth channel that is %s shows its colours: near infrared is no alpha', async (_name, tags) => {
    const samples = bytes(200, 50, 20, 0);
    expect((await decode({ samples, channels: 4, tags })).first).toEqual([200, 50, 20]);
  });

  it('with alpha is laid on white', async () => {
    const samples = bytes(200, 50, 20, 0);
    expect((await decode({ samples, channels: 4, tags: { 338: 2 } })).first).toEqual([255, 255, 255]);
  });

  it('with an extra channel is not shrunk, since that would mix it into the colours', async () => {
    const shrinking = decode(
      { samples: bytes(200, 50, 20, 0), channels: 4 },
      { maximumPixels: 32, tooLarge: 'shrink' },
    );
    await expect(shrinking).rejects.toMatchObject({ reason: 'imageTooLarge' });
  });

  it('with more channels than a picture has is refused for that, not as unknown', async () => {
    await expect(decode({ samples: bytes(1, 2, 3, 4, 5, 6), channels: 6, photometric: 1 })).rejects.toMatchObject({
      reason: 'imageDepth',
    });
  });

  it.each([0, 9])('with the orientation %d is upright', async (orientation) => {
    const file = tiffOf({ samples: bytes(200, 50, 20), channels: 3, tags: { 274: orientation } });
    const limits = RecipeSettings.parse({}).data;
    const header = await readHeader(file, limits);
    expect(header.orientation).toBe(orientation);
    expect((await decodePicture(file, header, limits)).rgb).toEqual(Buffer.from(bytes(200, 50, 20)));
  });

  it('with an odd tag and whole pixels is not damaged, and with pixels missing is', async () => {
    const samples = bytes(200, 50, 20);
    expect((await decode({ samples, channels: 3, tags: { 306: 'abcd' } })).first).toEqual([200, 50, 20]);
    const cut = decode({ samples: samples.subarray(0, 100), channels: 3 });
    await expect(cut).rejects.toMatchObject({ reason: 'imageDamaged' });
  });
});
