/** Which texts were there before, in 16 bytes each: the first 64 bits of their digests, open addressing. */
import { createHash } from 'node:crypto';

/** Two of a million different texts are taken for one with a probability of 3 in 100 million. */
export class DigestSet {
  private table = new Uint32Array(2 * 1024);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** False where the text was there already. */
  add(text: string): boolean {
    const digest = createHash('sha256').update(text).digest();
    const added = this.insert(digest.readUInt32LE(0), digest.readUInt32LE(4) || 1);
    if (added && 4 * this.count > this.table.length) this.grow();
    return added;
  }

  /** An empty place holds 0 as its second half, which no digest here has. */
  private insert(low: number, high: number): boolean {
    const places = this.table.length / 2;
    for (let place = low % places; ; place = (place + 1) % places) {
      const at = 2 * place;
      if (this.table[at + 1] === 0) {
        this.table[at] = low;
        this.table[at + 1] = high;
        this.count += 1;
        return true;
      }
      if (this.table[at] === low && this.table[at + 1] === high) return false;
    }
  }

  private grow(): void {
    const before = this.table;
    this.table = new Uint32Array(2 * before.length);
    this.count = 0;
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1] !== 0) this.insert(before[at] ?? 0, before[at + 1] ?? 0);
  }
}
