/** Digests in hexadecimal, held in 33 bytes each instead of a string. */
const most = 32;
const each = most + 1;

export class Digests {
  private length = 0;
  private bytes = new Uint8Array(1024 * each);

  /** Throws `RangeError` for more than 64 digits. */
  push(hex: string): void {
    const digest = Buffer.from(hex, 'hex');
    if (digest.length > most) throw new RangeError(`A digest of ${digest.length} bytes.`);
    if ((this.length + 1) * each > this.bytes.length) {
      const larger = new Uint8Array(2 * this.bytes.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.length * each] = digest.length;
    this.bytes.set(digest, this.length * each + 1);
    this.length += 1;
  }

  at(index: number): string {
    const start = index * each;
    return Buffer.from(this.bytes.subarray(start + 1, start + 1 + (this.bytes[start] as number))).toString('hex');
  }
}
