/** Small pictures, each unlike all others, as PNG files that need no decoding before they are sent. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

const picturesAFolder = 1000;

/** Writes so many pictures of `side` pixels, 1000 a folder. */
export async function makePictures(folder: string, count: number, side: number): Promise<void> {
  for (let from = 0; from < count; from += picturesAFolder) {
    const at = path.join(folder, String(from / picturesAFolder).padStart(4, '0'));
    await mkdir(at, { recursive: true });
    const numbers = Array.from({ length: Math.min(picturesAFolder, count - from) }, (_, index) => from + index);
    await Promise.all(numbers.map((number) => writeFile(path.join(at, `${number}.png`), pictureOf(number, side))));
  }
}

/** Blocks in 64 colours that the number's digest chooses. */
export function pictureOf(number: number, side: number): Buffer {
  const colours = createHash('sha512').update(String(number)).digest();
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const block = 8 * Math.floor((8 * y) / side) + Math.floor((8 * x) / side);
      const at = y * (1 + 3 * side) + 1 + 3 * x;
      for (let colour = 0; colour < 3; colour += 1)
        rows[at + colour] = ((colours[(block + 21 * colour) % 64] ?? 0) + 3 * x + 5 * y) & 0xff;
    }
  return pngOf(side, deflateSync(rows, { level: 1 }));
}

function pngOf(side: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(named.length + 8);
  frame.writeUInt32BE(data.length, 0);
  named.copy(frame, 4);
  frame.writeUInt32BE(crc32(named), named.length + 4);
  return frame;
}
