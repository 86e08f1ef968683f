/** Hosts that have answered nothing for so long that no more of their pictures are asked for in this build. */
import { quoted, RowFault } from '../faults.js';
import { HostSilent } from './fetchPicture.js';

/** Pictures in a row, each after its own further attempts. */
const silentInARow = 10;

export class SilentHosts {
  private readonly inARow = new Map<string, number>();

  /** Throws `RowFault` `imageHostSilent` without a call where the host is given up. */
  async asking(url: string, fetch: () => Promise<Buffer>): Promise<Buffer> {
    const { host } = new URL(url);
    const before = this.inARow.get(host) ?? 0;
    if (before >= silentInARow)
      throw new RowFault('imageHostSilent', `${quoted(host)} gave no answer for ${silentInARow} pictures in a row`);
    try {
      const bytes = await fetch();
      this.inARow.delete(host);
      return bytes;
    } catch (error) {
      if (error instanceof HostSilent) this.inARow.set(host, (this.inARow.get(host) ?? 0) + 1);
      else this.inARow.delete(host);
      throw error;
    }
  }
}
