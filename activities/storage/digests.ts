/** Checksums of files, each read once as long as it stays as it is. */
import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const highWaterMark = 1 << 20;

/** The SHA-256 of a file's first bytes, read as a stream: a file that grows meanwhile has the checksum that was asked for. */
export async function sha256OfFile(file: string, bytes: number, signal?: AbortSignal): Promise<string> {
  return digestOf(bytes > 0 ? createReadStream(file, { highWaterMark, end: bytes - 1 }) : null, signal);
}

async function digestOf(content: Readable | null, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  if (content !== null) await pipeline(content, hash, signal ? { signal } : {});
  return hash.digest('hex');
}

interface Known {
  stamp: string;
  bytes: number;
  sha256: string;
}

export class Digests {
  private readonly known = new Map<string, Known>();

  /** Size in bytes and checksum, both of one state of the file. One that has changed since is read again. */
  async of(file: string, signal?: AbortSignal): Promise<{ bytes: number; sha256: string }> {
    const before = this.known.get(file);
    if (before !== undefined && before.stamp === stampOf(await stat(file, { bigint: true }))) return before;
    // Held open: another file may take its name meanwhile.
    const held = await open(file);
    try {
      const status = await held.stat({ bigint: true });
      const bytes = Number(status.size);
      const content = bytes > 0 ? held.createReadStream({ highWaterMark, end: bytes - 1, autoClose: false }) : null;
      const found = { stamp: stampOf(status), bytes, sha256: await digestOf(content, signal) };
      this.known.set(file, found);
      return found;
    } finally {
      await held.close();
    }
  }
}

function stampOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ino}`;
}
