/** Maps of 64-bit hashes to small numbers in typed arrays: what is held of a million records takes megabytes, not gigabytes. */
import { createHash } from 'node:crypto';

/** 64 bits of a digest, as two unsigned 32-bit halves. */
export interface Hash64 {
  high: number;
  low: number;
}

/** The first 64 bits of the SHA-256. Two of a million texts collide with a probability of 3e-8. */
export function hash64(text: string): Hash64 {
  const digest = createHash('sha256').update(text).digest();
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) };
}

/** The first 64 bits of a digest that is there as hexadecimal text. */
export function hash64OfHex(hex: string): Hash64 {
  return { high: Number.parseInt(hex.slice(0, 8), 16), low: Number.parseInt(hex.slice(8, 16), 16) };
}

const initialSlots = 1024;
const fullest = 0.6;

/** Open addressing with linear probing: about 20 to 40 bytes a key, whatever the keys were made from. */
export class HashMap64 {
  size = 0;
  private slots = initialSlots;
  private keys = new Uint32Array(2 * initialSlots);
  private values = new Int32Array(initialSlots).fill(-1);

  /** The value of a key, or -1. */
  get({ high, low }: Hash64): number {
    return this.values[this.slotOf(high, low)] as number;
  }

  /** `value` is zero or more. */
  set({ high, low }: Hash64, value: number): void {
    const slot = this.slotOf(high, low);
    if (this.values[slot] === -1) {
      this.keys[2 * slot] = high;
      this.keys[2 * slot + 1] = low;
      this.size += 1;
    }
    this.values[slot] = value;
    if (this.size > fullest * this.slots) this.grow();
  }

  /** The value of a key; one that is new gets the number of keys before it. */
  indexOf(key: Hash64): number {
    const known = this.get(key);
    if (known !== -1) return known;
    const index = this.size;
    this.set(key, index);
    return index;
  }

  private slotOf(high: number, low: number): number {
    let slot = (Math.imul(high, 0x9e3779b1) ^ low) & (this.slots - 1);
    while (this.values[slot] !== -1 && (this.keys[2 * slot] !== high || this.keys[2 * slot + 1] !== low))
      slot = (slot + 1) & (this.slots - 1);
    return slot;
  }

  private grow(): void {
    const { keys, values, slots } = this;
    this.slots = 2 * slots;
    this.keys = new Uint32Array(2 * this.slots);
    this.values = new Int32Array(this.slots).fill(-1);
    for (let slot = 0; slot < slots; slot += 1) {
      const value = values[slot] as number;
      if (value === -1) continue;
      const [high, low] = [keys[2 * slot] as number, keys[2 * slot + 1] as number];
      const at = this.slotOf(high, low);
      this.keys[2 * at] = high;
      this.keys[2 * at + 1] = low;
      this.values[at] = value;
    }
  }
}
