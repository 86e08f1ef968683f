/** Records with a picture each, made by number. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import pMap from 'p-map';
import sharp from 'sharp';
import { Random } from '../lib/random.js';

const cells = 6;
const perFolder = 1000;

const side = 48;

/** A PNG of 48 x 48 RGB pixels, the same on every machine: soft blots of random colours, so that no two look alike. */
export function smallPicture(index: number): Buffer {
  const random = new Random(index + 1);
  const grid = Float64Array.from({ length: 3 * (cells + 1) ** 2 }, () => 255 * random.next());
  // Across first, once for each line of the grid: a million pictures are made one after the other.
  const wide = 3 * side;
  const across = new Float64Array((cells + 1) * wide);
  for (let row = 0; row <= cells; row += 1)
    for (let x = 0; x < side; x += 1) {
      const [column, right] = [Math.floor((x * cells) / side), ((x * cells) % side) / side];
      const left = 3 * (row * (cells + 1) + column);
      for (let channel = 0; channel < 3; channel += 1)
        across[row * wide + 3 * x + channel] =
          (grid[left + channel] as number) * (1 - right) + (grid[left + 3 + channel] as number) * right;
    }
  const lines = Buffer.alloc(side * (1 + wide));
  for (let y = 0; y < side; y += 1) {
    const [row, down] = [Math.floor((y * cells) / side), ((y * cells) % side) / side];
    for (let at = 0; at < wide; at += 1)
      lines[y * (1 + wide) + 1 + at] =
        (across[row * wide + at] as number) * (1 - down) + (across[(row + 1) * wide + at] as number) * down;
  }
  return png(lines);
}

/** The same blots under the grain of a camera, as a JPEG; `pixels` of a side. */
export async function photo(index: number, pixels: number): Promise<Buffer> {
  const random = new Random(index + 1);
  const raw = { width: cells, height: cells, channels: 3 as const };
  const grid = Buffer.from(Array.from({ length: 3 * cells ** 2 }, () => 255 * random.next()));
  const blots = await sharp(grid, { raw }).resize(pixels, pixels, { kernel: 'cubic' }).raw().toBuffer();
  const grain = Buffer.from(Array.from({ length: 4096 }, () => 16 * random.next()));
  for (const [at, value] of blots.entries())
    blots[at] = Math.min(255, value + (grain[(at * 31 + (at >> 12)) % 4096] as number));
  return sharp(blots, { raw: { width: pixels, height: pixels, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

function png(lines: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function pictureName(index: number, suffix: string): string {
  return `pictures/${String(Math.floor(index / perFolder)).padStart(4, '0')}/${index}${suffix}`;
}

export interface Pictures {
  picture: (index: number) => Buffer | Promise<Buffer>;
  /** Of their files. */
  suffix: '.png' | '.jpg';
  tell: (line: string) => void;
}

/** Writes pictures and `records.jsonl` into a folder. */
export async function writePictures(folder: string, count: number, { picture, suffix, tell }: Pictures): Promise<void> {
  const lines: string[] = [];
  for (let start = 0; start < count; start += perFolder) {
    await mkdir(path.join(folder, path.dirname(pictureName(start, suffix))), { recursive: true });
    const indices = Array.from({ length: Math.min(perFolder, count - start) }, (_, offset) => start + offset);
    await pMap(
      indices,
      async (index) => writeFile(path.join(folder, pictureName(index, suffix)), await picture(index)),
      {
        concurrency: 4,
      },
    );
    for (const index of indices) lines.push(recordLine(index, pictureName(index, suffix)));
    if (start % 50_000 === 0) tell(`made ${start} of ${count} pictures`);
  }
  await writeFile(path.join(folder, 'records.jsonl'), lines.join(''));
}

function recordLine(index: number, image: string): string {
  const record = {
    id: `r${index}`,
    image,
    question: 'Which batch is this?',
    answer: `${index % 97}`,
  };
  return `${JSON.stringify(record)}\n`;
}
