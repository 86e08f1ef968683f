/** Picture files as records name them, with what was found there: by it a dataset made before is known to be current. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { DataSource } from '../../../config/resolved.js';
import { sha256 } from '../../storage/files.js';
import { RowFault } from '../faults.js';
import { type FoundImage, ImagePaths } from './imagePaths.js';
import { orNotFound, readRegularFile } from './readableFile.js';

/** What lay at a path; null where nothing could be read. */
const FileFacts = z
  .strictObject({ sha256: z.string(), size: z.number(), modified: z.number().describe('Milliseconds since 1970.') })
  .nullable();
export type FileFacts = z.infer<typeof FileFacts>;

/** A path that a record names, and what it led to; of a folder the digest is that of its names. */
export const SeenFile = z.strictObject({
  path: z.string(),
  beside: z.string().describe('Folder of the record file, relative to the root.'),
  facts: FileFacts,
});
export type SeenFile = z.infer<typeof SeenFile>;

const maximumFileBytes = 512 * 1024 * 1024;

export class PictureFiles {
  private readonly root: string;
  private readonly paths: ImagePaths;
  private readonly others: { folder: string; paths: ImagePaths }[];

  /** `others`: folders outside of the root whose records find their pictures there, and nowhere else. */
  constructor(root: string, others: Iterable<string> = []) {
    this.root = path.resolve(root);
    this.paths = new ImagePaths(root);
    this.others = [...new Set(others)].map((folder) => ({
      folder: path.resolve(folder),
      paths: new ImagePaths(folder),
    }));
  }

  /** Of all files of a source. */
  static of({ root, files }: Pick<DataSource, 'root' | 'files'>): PictureFiles {
    return new PictureFiles(
      root,
      files.flatMap(({ base }) => base?.folder ?? []),
    );
  }

  /** Throws `RowFault` as `ImagePaths.find` does. */
  find(written: string, beside: string): Promise<FoundImage> {
    const other = this.others.find(({ folder }) => beside === folder || beside.startsWith(folder + path.sep));
    return (other?.paths ?? this.paths).find(written, beside);
  }

  seen(written: string, beside: string, facts: FileFacts): SeenFile {
    return { path: written, beside: path.relative(this.root, beside), facts };
  }

  /** Throws `RowFault` `imageNotFound` for what is no file or may not be read, `imageTooLarge` above 512 MiB. */
  async read(file: string): Promise<{ bytes: Buffer; facts: NonNullable<FileFacts> }> {
    const { bytes, size, mtimeMs } = await readRegularFile(file, maximumFileBytes);
    if (bytes === null) throw new RowFault('imageTooLarge', 'the file is over 512 MiB');
    return { bytes, facts: { sha256: sha256(bytes), size, modified: mtimeMs } };
  }

  /** The names in a folder, in no order. Throws `RowFault` as `ImagePaths.find` does, null where the path leads to a file. */
  async list(written: string, beside: string): Promise<{ folder: string; names: string[]; seen: SeenFile } | null> {
    const { file } = await this.find(written, beside);
    const names = await namesIn(file);
    if (names === null) return null;
    const facts = { sha256: listingDigest(names), size: 0, modified: 0 };
    return { folder: file, names, seen: this.seen(written, beside, facts) };
  }

  /** True when every path still leads to the same content, or to none. A file of the same size and time is taken as unchanged. */
  async areStill(seen: AsyncIterable<unknown>, heartbeat: () => void): Promise<boolean> {
    for await (const line of seen) {
      heartbeat();
      if (!(await this.isStill(SeenFile.parse(line)))) return false;
    }
    return true;
  }

  private async isStill({ path: written, beside, facts }: SeenFile): Promise<boolean> {
    try {
      const { file } = await this.find(written, path.join(this.root, beside));
      if (facts === null) return !(await this.canRead(file));
      const names = await namesIn(file);
      if (names !== null) return listingDigest(names) === facts.sha256;
      const { size, mtimeMs } = await stat(file);
      if (size === facts.size && mtimeMs === facts.modified) return true;
      return size === facts.size && (await this.read(file)).facts.sha256 === facts.sha256;
    } catch (error) {
      if (error instanceof RowFault) return facts === null;
      throw error;
    }
  }

  private async canRead(file: string): Promise<boolean> {
    await this.read(file);
    return true;
  }
}

/** Null where the path leads to no folder. */
async function namesIn(folder: string): Promise<string[] | null> {
  return (await orNotFound(stat(folder))).isDirectory() ? orNotFound(readdir(folder)) : null;
}

function listingDigest(names: string[]): string {
  return sha256(Buffer.from(JSON.stringify([...names].sort())));
}
