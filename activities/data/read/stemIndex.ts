/** Which members belong to one sample, in 28 bytes a member: a shard of a million samples fits in memory. */
import { createHash } from 'node:crypto';

/** A list of numbers that grows by doubling. */
class Numbers {
  length = 0;
  private values = new Float64Array(1024);

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}

export class StemIndex {
  private readonly hashes = new Numbers();
  private readonly places = new Numbers();

  /** Notes that something of this stem lies at a place. */
  add(stem: string, place: number): void {
    this.hashes.push(hashOf(stem));
    this.places.push(place);
  }

  /**
   * The places of each stem, in the order in which the stems were first seen. Stems whose hashes are equal, which one
   * shard in ten thousand of a million may have, come as one: names tell them apart.
   */
  *groups(): Generator<number[]> {
    const { hashes, places } = this;
    const order = new Uint32Array(hashes.length).map((_, index) => index);
    order.sort((one, other) => hashes.at(one) - hashes.at(other) || one - other);
    const starts = new Uint32Array(order.length);
    let groups = 0;
    for (let at = 0; at < order.length; at += 1) {
      const same = at > 0 && hashes.at(order[at] as number) === hashes.at(order[at - 1] as number);
      if (!same) starts[groups++] = at;
    }
    const first = (start: number) => order[start] as number;
    for (const start of starts.subarray(0, groups).sort((one, other) => first(one) - first(other))) {
      const group: number[] = [];
      for (let at = start; at < order.length && hashes.at(first(at)) === hashes.at(first(start)); at += 1)
        group.push(places.at(first(at)));
      yield group;
    }
  }
}

/** 53 bits, which a double holds. */
function hashOf(stem: string): number {
  const digest = createHash('md5').update(stem).digest();
  return digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11);
}
