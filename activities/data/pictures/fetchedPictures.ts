/** Pictures from the web, each fetched once: kept by the digest of their address, so that a retry asks nobody again. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256, writeWhole } from '../../storage/files.js';
import { type FetchLimits, fetchPicture } from './fetchPicture.js';
import { SilentHosts } from './silentHosts.js';

export class FetchedPictures {
  private readonly folder: string;
  private readonly limits: FetchLimits;
  private readonly hosts = new SilentHosts();
  private readonly fetching = new Map<string, Promise<Buffer>>();

  constructor(folder: string, limits: FetchLimits) {
    this.folder = folder;
    this.limits = limits;
  }

  /** Throws `RowFault` as `fetchPicture` and `SilentHosts` do; what failed is asked for again the next time. */
  async get(url: string): Promise<Buffer> {
    const file = path.join(this.folder, sha256(url));
    const kept = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (kept) return kept;
    let fetching = this.fetching.get(url);
    if (!fetching) {
      fetching = this.fetch(url, file).finally(() => this.fetching.delete(url));
      this.fetching.set(url, fetching);
    }
    return fetching;
  }

  private async fetch(url: string, file: string): Promise<Buffer> {
    const bytes = await this.hosts.asking(url, () => fetchPicture(url, this.limits));
    await writeWhole(file, bytes);
    return bytes;
  }
}
