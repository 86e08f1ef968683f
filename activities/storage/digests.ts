/** Checksums of files, each read once as long as it stays as it is. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** The SHA-256 of a file's first bytes, read as a stream: a file that grows meanwhile has the checksum that was asked for. */
export async function sha256OfFile(file: string, bytes: number, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const options = { highWaterMark: 1 << 20, end: bytes - 1 };
  if (bytes > 0) await pipeline(createReadStream(file, options), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

interface Known {
  stamp: string;
  bytes: number;
  sha256: string;
}

export class Digests {
  private readonly known = new Map<string, Known>();

  /** Size in bytes and checksum. A file that has changed since is read again. */
  async of(file: string, signal?: AbortSignal): Promise<{ bytes: number; sha256: string }> {
    const { size, mtimeNs, ino } = await stat(file, { bigint: true });
    const stamp = `${size} ${mtimeNs} ${ino}`;
    const before = this.known.get(file);
    if (before?.stamp === stamp) return before;
    const bytes = Number(size);
    const found = { stamp, bytes, sha256: await sha256OfFile(file, bytes, signal) };
    this.known.set(file, found);
    return found;
  }
}
