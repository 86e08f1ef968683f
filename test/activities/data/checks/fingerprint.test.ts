import sharp from 'sharp';
import { hashDistance } from '../../../../activities/data/checks/hashIndex.js';
import { fingerprintOf, readFingerprint, writeFingerprint } from '../../../../activities/data/pictures/fingerprint.js';
import { withoutFrame } from '../../../../activities/data/pictures/frame.js';
import { disc, noisy, pixelsOf } from './pictures.js';

const picture = { rgb: noisy(3), width: 120, height: 90 };

/** Every pixel becomes `times` by `times` pixels. */
function enlarged({ rgb, width, height }: typeof picture, times: number): typeof picture {
  const larger = Buffer.alloc(rgb.length * times * times);
  for (let y = 0; y < height * times; y += 1)
    for (let x = 0; x < width * times; x += 1)
      rgb.copy(
        larger,
        (y * width * times + x) * 3,
        (Math.floor(y / times) * width + Math.floor(x / times)) * 3,
        (Math.floor(y / times) * width + Math.floor(x / times)) * 3 + 3,
      );
  return { rgb: larger, width: width * times, height: height * times };
}

describe('fingerprintOf', () => {
  it('is the same for a picture and its copy with every pixel enlarged, sides that are no multiple of the grid too', () => {
    expect(fingerprintOf(enlarged(picture, 3))).toEqual(fingerprintOf(picture));
  });

  it('takes pictures of any size, smaller than its grid too', () => {
    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [31, 2],
      [33, 65],
    ] as const) {
      const { thumbnail } = fingerprintOf({ rgb: Buffer.alloc(width * height * 3, 77), width, height });
      expect([...new Set(thumbnail.subarray(0, 256))]).toEqual([77]);
    }
  });

  it('gives a picture of one colour no bits at all', () => {
    const { phash, dhash } = fingerprintOf({ rgb: Buffer.alloc(50 * 50 * 3, 200), width: 50, height: 50 });
    expect([phash, dhash]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('has an average brightness in each cell of the thumbnail', async () => {
    const half = Buffer.alloc(64 * 64 * 3, 255).fill(0, 0, 32 * 64 * 3);
    const { thumbnail } = fingerprintOf({ rgb: half, width: 64, height: 64 });
    expect([...thumbnail.subarray(0, 128)]).toEqual(Array(128).fill(0));
    expect([...thumbnail.subarray(128, 256)]).toEqual(Array(128).fill(255));
  });

  it('leaves a frame out, and takes a wide plain margin for part of the picture', async () => {
    const framed = await pixelsOf(
      sharp(picture.rgb, { raw: { width: 120, height: 90, channels: 3 } }).extend({
        top: 3,
        bottom: 3,
        left: 3,
        right: 3,
        background: '#102030',
      }),
    );
    expect(withoutFrame(framed)).toEqual({ left: 3, top: 3, right: 123, bottom: 93 });
    expect(fingerprintOf(framed)).toEqual(fingerprintOf(picture));
    const plain = await pixelsOf(disc({ x: 64, y: 64, colour: '#c00000' }));
    expect(withoutFrame(plain)).toEqual({ left: 0, top: 0, right: 128, bottom: 128 });
  });

  it('is read back as it was written, and refuses another text', () => {
    const fingerprint = fingerprintOf(picture);
    expect(readFingerprint(writeFingerprint(fingerprint))).toEqual(fingerprint);
    expect(() => readFingerprint('AAAA')).toThrow(RangeError);
  });

  it('differs by half of its bits from that of another picture', () => {
    const other = fingerprintOf({ rgb: noisy(11), width: 120, height: 90 });
    const distance = hashDistance(fingerprintOf(picture).phash, other.phash);
    expect(distance).toBeGreaterThan(16);
  });
});
