import { readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { hashDistance } from '../../../../activities/data/checks/hashIndex.js';
import { NearPictures } from '../../../../activities/data/checks/nearPictures.js';
import { atOnce } from '../../../../activities/data/memory/steps.js';
import { type Fingerprint, fingerprintOf } from '../../../../activities/data/pictures/fingerprint.js';
import { cases } from '../build.js';
import { disc, noisy, pixelsOf, spotted } from './pictures.js';

interface Named {
  name: string;
  fingerprint: Fingerprint;
}

function search(pictures: Named[]) {
  const near = new NearPictures();
  for (const { fingerprint } of pictures) near.add(fingerprint);
  const found = near.find();
  const names = ({ one, other }: { one: number; other: number }) =>
    [pictures[one]?.name, pictures[other]?.name].sort().join(' = ');
  return {
    ...found,
    copies: found.copies.map(names).sort(),
    suspects: found.suspects.first.map(names).sort(),
    mirrors: found.mirrors.first.map(names).sort(),
  };
}

const of = async (name: string, picture: Sharp): Promise<Named> => ({
  name,
  fingerprint: fingerprintOf(await pixelsOf(picture)),
});

describe('NearPictures', () => {
  it('finds the copies of case 25, reports the mirrored one, and keeps the two that are alike but different apart', async () => {
    const folder = path.join(cases, 'duplicates-across-splits');
    const files = ['train', 'validation'].flatMap((split) =>
      readdirSync(path.join(folder, split)).map((file) => path.join(split, file)),
    );
    const pictures = await Promise.all(files.map((file) => of(path.basename(file), sharp(path.join(folder, file)))));
    const { copies, mirrors, clusters } = search(pictures);
    expect(copies).toEqual([
      'border.png = t4.png',
      'contradict.png = t5.png',
      'q70.jpg = t1.png',
      'same.png = t0.png',
      'small.png = t2.png',
    ]);
    expect(mirrors).toContain('mirror.png = t3.png');
    const place = (name: string) => clusters.of(pictures.findIndex((each) => each.name === name));
    expect(place('left.png')).not.toBe(place('right.png'));
    expect(place('mirror.png')).not.toBe(place('t3.png'));
  });

  it('knows a picture that was made brighter, framed, blurred or stored as WebP', async () => {
    const original = await sharp(noisy(5), { raw: { width: 120, height: 90, channels: 3 } })
      .png()
      .toBuffer();
    const copies = [
      sharp(original).linear(1.1, 5),
      sharp(original).extend({ top: 4, bottom: 4, left: 4, right: 4, background: '#fff' }),
      sharp(original).blur(1),
      sharp(await sharp(original).webp({ quality: 50 }).toBuffer()),
    ];
    const others = await Promise.all(
      [1, 2, 3, 4].map((seed) =>
        of(`other${seed}`, sharp(noisy(seed), { raw: { width: 120, height: 90, channels: 3 } })),
      ),
    );
    const pictures = [
      await of('original', sharp(original)),
      ...(await Promise.all(copies.map((copy, index) => of(`copy${index}`, copy)))),
      ...others,
    ];
    const { clusters } = search(pictures);
    expect(pictures.map((_, handle) => clusters.of(handle))).toEqual([0, 0, 0, 0, 0, 5, 6, 7, 8]);
  });

  it('tells how near the pictures of one side come to those of the other', async () => {
    const picture = (seed: number) => sharp(noisy(seed), { raw: { width: 120, height: 90, channels: 3 } });
    const near = new NearPictures();
    const prints = await Promise.all([1, 2, 3].map(async (seed) => fingerprintOf(await pixelsOf(picture(seed)))));
    const copy = fingerprintOf(await pixelsOf(picture(1).linear(1.1, 5)));
    for (const print of [...prints, copy]) near.add(print);
    const [first, ...others] = prints.slice(1).map(({ phash }) => hashDistance(copy.phash, phash));
    const distance = Math.min(hashDistance(copy.phash, prints[0]?.phash ?? copy.phash), first ?? 64, ...others);
    const histogram = atOnce(
      near.nearest(
        (handle) => handle === 3,
        (handle) => handle < 3,
      ),
    );
    expect(histogram).toHaveLength(65);
    expect(histogram[distance]).toBe(1);
    expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(
      atOnce(
        near.nearest(
          () => true,
          () => false,
        ),
      ).every((count) => count === 0),
    ).toBe(true);
  });

  it('does not take pictures for copies that differ in their colours only', async () => {
    const red = await of('red', disc({ x: 40, y: 40, colour: '#c04040' }));
    const green = await of('green', disc({ x: 40, y: 40, colour: '#207a20' }));
    expect(search([red, green]).copies).toEqual([]);
  });

  it('forms the same clusters in whatever order pictures are added', async () => {
    const qualities = [5, 15, 30, 60, 90];
    const compressed = await Promise.all(
      [1, 2, 3].flatMap((seed) =>
        qualities.map(async (quality) => {
          const original = sharp(noisy(seed), { raw: { width: 120, height: 90, channels: 3 } });
          return of(`${seed} at ${quality}`, sharp(await original.jpeg({ quality }).toBuffer()));
        }),
      ),
    );
    const partition = (pictures: Named[]) => {
      const { clusters } = search(pictures);
      const groups = new Map<number, string[]>();
      for (const [handle, { name }] of pictures.entries()) {
        const root = clusters.of(handle);
        groups.set(root, [...(groups.get(root) ?? []), name]);
      }
      return [...groups.values()].map((names) => names.sort().join(' ')).sort();
    };
    const whole = partition(compressed);
    expect(whole.length).toBeLessThan(compressed.length);
    fc.assert(
      fc.property(fc.shuffledSubarray(compressed, { minLength: compressed.length }), (shuffled) =>
        expect(partition(shuffled)).toEqual(whole),
      ),
      { numRuns: 8 },
    );
  });

  it('turns to differences from the mean where all pictures look much the same, and says why', async () => {
    const form = (place: number) => spotted({ x: 10 + (place % 10) * 10, y: 10 + Math.floor(place / 10) * 20 });
    const pictures = await Promise.all(Array.from({ length: 40 }, (_, place) => of(`form${place}`, form(place))));
    const jpeg = await of('jpeg', sharp(await form(7).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()));
    const { guard, copies } = search([...pictures, jpeg]);
    expect(guard).toMatchObject({ method: 'differences', reason: expect.stringContaining('64 bits') });
    expect(copies).toEqual(['form7 = jpeg']);
  });

  it('takes no picture, one, or several of a single colour, which it never takes for copies', async () => {
    const grey = await of('grey', sharp({ create: { width: 9, height: 9, channels: 3, background: '#808080' } }));
    expect(search([]).copies).toEqual([]);
    expect(search([grey]).clusters.sizes()).toEqual({ clusters: 0, members: 0, largest: 0 });
    expect(search([grey, grey, grey]).clusters.sizes()).toEqual({ clusters: 0, members: 0, largest: 0 });
  });
});
