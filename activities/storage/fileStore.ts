/** A store in a folder that workers share, such as a network disk. Each file has its checksum in `.sha256/`, under the same name; one whose writer was killed in between is read for it. */

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, opendir, readFile, rename, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { problem } from '../../config/problems.js';
import { unlessMissing } from '../processes/there.js';
import { sha256OfFile } from './digests.js';
import { noSpace, sha256, writeWhole } from './files.js';
import type { Outgoing, Store, StoredFile } from './store.js';

const checksums = '.sha256';

export class FileStore implements Store {
  readonly uri: string;
  private readonly folder: string;

  constructor(uri: string, folder: string) {
    this.uri = uri;
    this.folder = folder;
  }

  async check(): Promise<void> {
    const key = `.check-${randomUUID()}`;
    await this.told(async () => {
      await writeWhole(this.fileOf(key), '');
      await rm(this.fileOf(key));
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredFile> {
    yield* this.walk(path.posix.dirname(`${prefix}x`), prefix);
  }

  async *folders(folder: string): AsyncGenerator<string> {
    const entries = await this.told(() => unlessMissing(opendir(this.fileOf(folder))));
    for await (const entry of entries ?? []) if (entry.isDirectory() && entry.name !== checksums) yield entry.name;
  }

  async head(key: string): Promise<{ bytes: number; sha256: string } | null> {
    return this.told(async () => {
      const found = await unlessMissing(stat(this.fileOf(key)));
      if (!found?.isFile()) return null;
      const told = await unlessMissing(readFile(this.checksumOf(key), 'utf8'));
      return { bytes: found.size, sha256: told ?? (await sha256OfFile(this.fileOf(key), found.size)) };
    });
  }

  async read(key: string, { from = 0, signal }: { from?: number; signal?: AbortSignal } = {}): Promise<Readable> {
    return createReadStream(this.fileOf(key), { start: from, ...(signal ? { signal } : {}) });
  }

  /**
   * A copy that broke off is made anew, beside its place. A file that has grown since is put as it was; in whose place
   * there is another, that one, whole.
   */
  async put(key: string, file: Outgoing, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.told(async () => {
      const partial = await this.draft(key);
      try {
        await copyFile(file.path, partial);
        const { size, ino } = await stat(partial);
        let digest = await sha256OfFile(partial, file.bytes, signal);
        if (digest === file.sha256) await truncate(partial, file.bytes);
        else digest = await sha256OfFile(partial, size, signal);
        // Between the two there is no checksum rather than that of another file.
        await rm(this.checksumOf(key), { force: true });
        await rename(partial, this.fileOf(key));
        await writeWhole(this.checksumOf(key), digest);
        // Of two writers at once the one whose file went takes back its checksum.
        if ((await unlessMissing(stat(this.fileOf(key))))?.ino !== ino) await rm(this.checksumOf(key), { force: true });
      } finally {
        await rm(partial, { force: true });
      }
    });
  }

  async putIfAbsent(key: string, content: string): Promise<boolean> {
    return this.told(async () => {
      const draft = await this.draft(key);
      await writeWhole(draft, content);
      try {
        // A link, unlike a new file, is whole when it appears.
        await link(draft, this.fileOf(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        await rm(draft);
      }
      await writeWhole(this.checksumOf(key), sha256(content));
      return true;
    });
  }

  /** A copy that broke off leaves nothing. */
  async abandon(): Promise<void> {}

  async remove(key: string): Promise<void> {
    await this.told(async () => {
      await rm(this.fileOf(key), { force: true });
      await rm(this.checksumOf(key), { force: true });
    });
  }

  private async *walk(folder: string, prefix: string): AsyncGenerator<StoredFile> {
    const entries = await this.told(() => unlessMissing(opendir(this.fileOf(folder))));
    if (entries === null) return;
    for await (const entry of entries) {
      const key = path.posix.join(folder, entry.name);
      if (entry.name === checksums || entry.name.endsWith('.partial')) continue;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) yield* this.walk(key, prefix);
      } else if (key.startsWith(prefix)) {
        const found = await unlessMissing(stat(this.fileOf(key)));
        if (found !== null) yield { key, bytes: found.size };
      }
    }
  }

  private fileOf(key: string): string {
    return path.join(this.folder, ...key.split('/'));
  }

  private checksumOf(key: string): string {
    return path.join(this.folder, checksums, ...key.split('/'));
  }

  private async draft(key: string): Promise<string> {
    const file = this.fileOf(key);
    await mkdir(path.dirname(file), { recursive: true });
    return `${file}.${randomUUID()}.partial`;
  }

  private async told<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      const full = noSpace(error, this.folder);
      if (full) throw full;
      const what = `The shared folder can't be used: ${(error as Error).message}`;
      const todo = 'Mount it, and let the worker’s user read and write it; Temporal tries again.';
      throw problem('StorageUnavailable', { what, where: this.uri, todo }, { cause: error });
    }
  }
}
