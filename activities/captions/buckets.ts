/** Sorts any number of pictures by their keys in bounded memory: dealt into files by the beginning of the key, sorted one by one. */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { noSpace } from '../storage/files.js';

/** One picture of a window; those of the same key follow each other. */
export const WindowLine = z.strictObject({
  key: z.string(),
  prompt: z.int(),
  file: z.string(),
  /** Absent where the file was named by itself. */
  source: z.string().optional(),
  line: z.int().optional(),
});
export type WindowLine = z.infer<typeof WindowLine>;

const buckets = 256;
/** Text that waits for its bucket, all buckets together. */
const maximumDealtCharacters = 16 * 1024 * 1024;

/** Lines by the first two characters of their keys. */
export class Buckets {
  private readonly folder: string;
  private readonly waiting: string[] = Array.from({ length: buckets }, () => '');
  private characters = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Begins in an empty folder, whatever an attempt before left in it. */
  static async open(folder: string): Promise<Buckets> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    return new Buckets(folder);
  }

  deal(line: WindowLine): void {
    const text = `${JSON.stringify(line)}\n`;
    this.waiting[Number.parseInt(line.key.slice(0, 2), 16)] += text;
    this.characters += text.length;
  }

  /** Writes what waits, where that is much. Throws NoSpace. */
  async writeSome(): Promise<void> {
    if (this.characters > maximumDealtCharacters) await this.writeAll();
  }

  /** All lines in the order of their keys, a bucket at a time. */
  async *sorted(): AsyncGenerator<WindowLine[]> {
    await this.writeAll();
    for (let bucket = 0; bucket < buckets; bucket += 1) yield await sortedBucket(this.folder, bucket);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async writeAll(): Promise<void> {
    for (const [bucket, text] of this.waiting.entries()) {
      if (text === '') continue;
      const file = bucketFile(this.folder, bucket);
      await appendFile(file, text).catch((error) => {
        throw noSpace(error, file) ?? error;
      });
      this.waiting[bucket] = '';
    }
    this.characters = 0;
  }
}

function bucketFile(folder: string, bucket: number): string {
  return path.join(folder, `${bucket.toString(16).padStart(2, '0')}.jsonl`);
}

async function sortedBucket(folder: string, bucket: number): Promise<WindowLine[]> {
  const text = await readFile(bucketFile(folder, bucket), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').slice(0, -1);
  const parsed = lines.map((line) => JSON.parse(line) as WindowLine);
  return parsed.sort((one, other) => compare(placeOf(one), placeOf(other)));
}

function placeOf({ key, file, line = 0 }: WindowLine): string {
  return `${key} ${file} ${line.toString().padStart(12, '0')}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
