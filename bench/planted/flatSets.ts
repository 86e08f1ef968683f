/** Sets on which perceptual hashes tell little: scans of 8 by 8 pixels, and forms that differ in their entries only. */
import sharp from 'sharp';
import { NearPictures } from '../../activities/data/checks/nearPictures.js';
import { fingerprintOf } from '../../activities/data/pictures/fingerprint.js';
import { readJsonLines } from '../../activities/storage/files.js';
import { Random } from '../lib/random.js';

interface FlatRow {
  kind: string;
  aim: 'none';
  planted: number;
  found: number;
  falseAlarms: number;
}

const copies = 60;

/** Copies are made of the first 60 pictures of each set. What is found beyond them is a false alarm. */
export async function flatSets(digitsFile: string): Promise<FlatRow[]> {
  const digits: Buffer[] = [];
  for await (const line of readJsonLines(digitsFile)) {
    const { image } = line as { image: string };
    digits.push(Buffer.from(image.slice(image.indexOf(',') + 1), 'base64'));
  }
  const forms = Array.from({ length: 400 }, (_, seed) => form(seed));
  const brighter = (picture: Buffer) => sharp(picture).toColourspace('srgb').linear(0.85, 12).png().toBuffer();
  const compressed = (picture: Buffer) => sharp(picture).flatten().jpeg({ quality: 85 }).toBuffer();
  return [
    await flatRow('1,797 digits: brighter', digits, brighter),
    await flatRow('400 forms: brighter', forms, brighter),
    await flatRow('400 forms: JPEG 85', forms, compressed),
  ];
}

async function flatRow(
  kind: string,
  pictures: Buffer[],
  change: (picture: Buffer) => Promise<Buffer>,
): Promise<FlatRow> {
  const near = new NearPictures();
  for (const picture of pictures) near.add(fingerprintOf(await pixelsOf(picture)));
  for (const picture of pictures.slice(0, copies)) near.add(fingerprintOf(await pixelsOf(await change(picture))));
  const { clusters } = near.find();
  const { members } = clusters.sizes();
  let found = 0;
  for (let copy = 0; copy < copies; copy += 1)
    if (clusters.of(copy) === clusters.of(pictures.length + copy)) found += 1;
  return { kind, aim: 'none', planted: copies, found, falseAlarms: members - 2 * found };
}

/** A page with the same lines as all others, but for the entries in a third of them. */
function form(seed: number): Buffer {
  const random = new Random(seed);
  const words: string[] = [];
  for (let y = 30; y < 370; y += 10) {
    let x = 30;
    while (x < 270 - ((y * 7) % 60)) {
      const width = y % 30 === 0 ? random.whole(6, 30) : ((x * y) % 23) + 8;
      words.push(`<rect x="${x}" y="${y}" width="${width}" height="5"/>`);
      x += width + 5;
    }
  }
  const page = '<rect width="300" height="400" fill="#ffffff"/>';
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="400">${page}${words.join('')}</svg>`);
}

async function pixelsOf(picture: Buffer): Promise<{ rgb: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(picture)
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}
