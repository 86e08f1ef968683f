/** Text packed by Zstandard: any frames, in any pieces; a file that was cut never passes for a shorter one. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { unzstd } from '../../../activities/data/read/zstd.js';
import { build, fates, freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

const root = path.resolve('test/fixtures/formats/zstd');
const numbers = readFileSync(path.join(root, 'numbers.zst'));
const rows = readFileSync(path.join(root, 'rows.jsonl.zst'));

async function unpacked(bytes: Buffer, size: number): Promise<string> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const parts: Buffer[] = [];
  for await (const part of unzstd(pieces())) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

describe('a zstd file', () => {
  it('of several frames with a skippable one between has all their rows', async () => {
    const made = await build({ root, files: ['rows.jsonl.zst'] });
    expect(made.manifest.counts).toMatchObject({ read: 4, used: 4, rejected: 0 });
    expect(Object.keys(fates(made))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('longer than its window unpacks to what was packed', async () => {
    const wanted = Array.from({ length: 400_000 }, (_, index) => `${(index + 1) % 977}\n`).join('');
    expect((await unpacked(numbers, 65_536)) === wanted).toBe(true);
  });

  it('reads the same in pieces of any size', async () => {
    const whole = await unpacked(rows, rows.length);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), async (size) => {
        expect(await unpacked(rows, size)).toBe(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('cut inside a frame is refused wherever the cut is', async () => {
    const oneFrame = numbers;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: oneFrame.length - 1 }), async (length) => {
        await expect(unpacked(oneFrame.subarray(0, length), 4096)).rejects.toThrow(/ends too early/);
      }),
      { numRuns: 60 },
    );
  });

  it('that was cut is named with its remedy', async () => {
    const folder = freshFolder();
    writeFileSync(path.join(folder, 'r.jsonl.zst'), rows.subarray(0, -9));
    await expect(build({ root: folder, files: ['r.jsonl.zst'] })).rejects.toMatchObject({
      problem: { type: 'DatasetInvalid', what: expect.stringContaining('ends too early'), where: 'r.jsonl.zst' },
    });
  });

  it('whose header asks for 1 GiB of memory is refused', async () => {
    const claims = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3]), Buffer.alloc(20)]);
    await expect(unpacked(claims, 64)).rejects.toThrow(/window of more than 128 MiB/);
  });
});
