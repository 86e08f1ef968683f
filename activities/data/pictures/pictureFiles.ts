/** Picture files as records name them, with a list of what was found: by it a dataset made before is known to be current. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { sha256 } from '../../storage/files.js';
import { RowFault } from '../faults.js';
import { type FoundImage, ImagePaths } from './imagePaths.js';

/** A path that a record names, and the digest of the file, or of a folder’s names, that it led to; null where it led to none. */
export const SeenFile = z.strictObject({
  path: z.string(),
  beside: z.string().describe('Folder of the record file, relative to the root.'),
  sha256: z.string().nullable(),
});
export type SeenFile = z.infer<typeof SeenFile>;

const maximumFileBytes = 512 * 1024 * 1024;

export class PictureFiles {
  private readonly root: string;
  private readonly paths: ImagePaths;
  private readonly named = new Map<string, { path: string; beside: string; file: string | null }>();
  private readonly digests = new Map<string, string>();

  constructor(root: string) {
    this.root = path.resolve(root);
    this.paths = new ImagePaths(root);
  }

  /** Throws `RowFault` as `ImagePaths.find` does. */
  async find(written: string, beside: string): Promise<FoundImage> {
    const named = { path: written, beside: path.relative(this.root, beside), file: null as string | null };
    this.named.set(`${named.beside}\0${written}`, named);
    const found = await this.paths.find(written, beside);
    named.file = found.file;
    return found;
  }

  /** Throws `RowFault` `imageNotFound` for a folder or a file that may not be read, `imageTooLarge` above 512 MiB. */
  async read(file: string): Promise<Buffer> {
    try {
      if ((await stat(file)).size > maximumFileBytes) throw new RowFault('imageTooLarge', 'the file is over 512 MiB');
      const bytes = await readFile(file);
      this.digests.set(file, sha256(bytes));
      return bytes;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EISDIR' && code !== 'EACCES') throw error;
      throw new RowFault('imageNotFound', `the path leads to what can't be read (${code})`, { cause: error });
    }
  }

  /** The names in a folder, in no order. Throws `RowFault` as `ImagePaths.find` does, null where the path leads to a file. */
  async list(written: string, beside: string): Promise<{ folder: string; names: string[] } | null> {
    const { file } = await this.find(written, beside);
    const names = await namesIn(file);
    if (names === null) return null;
    this.digests.set(file, listingDigest(names));
    return { folder: file, names };
  }

  /** Everything that was looked for. */
  seen(): SeenFile[] {
    return [...this.named.values()].map(({ path: written, beside, file }) => ({
      path: written,
      beside,
      sha256: file === null ? null : (this.digests.get(file) ?? null),
    }));
  }

  /** True when every path still leads to a file of the same content, or to none. */
  async areStill(seen: AsyncIterable<unknown>, heartbeat: () => void): Promise<boolean> {
    for await (const line of seen) {
      const { path: written, beside, sha256: before } = SeenFile.parse(line);
      heartbeat();
      if ((await this.digestNow(written, path.join(this.root, beside))) !== before) return false;
    }
    return true;
  }

  private async digestNow(written: string, beside: string): Promise<string | null> {
    try {
      const { file } = await this.find(written, beside);
      const names = await namesIn(file);
      return this.digests.get(file) ?? (names ? listingDigest(names) : sha256(await this.read(file)));
    } catch (error) {
      if (error instanceof RowFault) return null;
      throw error;
    }
  }
}

/** Null where the path leads to no folder. */
async function namesIn(folder: string): Promise<string[] | null> {
  return (await stat(folder)).isDirectory() ? readdir(folder) : null;
}

function listingDigest(names: string[]): string {
  return sha256(Buffer.from(JSON.stringify([...names].sort())));
}
