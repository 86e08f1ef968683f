/** Groups of records that must stay on one side of a split: what shares a picture, a near-duplicate of it, or a declared group (M4). */

import { bytes, doubles, integers } from '../memory/columns.js';
import { Digests } from '../memory/digests.js';
import { HashMap64, hash64 } from '../memory/hashMap64.js';
import { fractionOf } from './split.js';

/** What a record can share with another, the one that names a group best first. */
const kinds = ['declared', 'picture', 'question'] as const;
export type SharedKind = (typeof kinds)[number];

export interface Group {
  /** Its leading key: a declared group, else the digest of a picture or of a question. */
  name: string;
  /** Decides the split. */
  fraction: number;
}

/**
 * Union-find over keys. A group is led by the declared group in it whose fraction is least, else by such a picture: so
 * the order of rows changes nothing, and what is added to a declared group does not move it.
 */
export class Groups {
  private readonly ids = new HashMap64();
  private readonly parents = integers();
  private readonly fractions = doubles();
  private readonly kinds = bytes();
  private readonly declared = new Map<number, string>();
  private readonly digests = new Digests();
  private readonly seed: number;
  private leaders: Int32Array | null = null;

  constructor(seed: number) {
    this.seed = seed;
  }

  get size(): number {
    return this.parents.length;
  }

  /** The handle of a key; all but declared groups are digests in hexadecimal. */
  keyOf(kind: SharedKind, name: string): number {
    const id = this.ids.indexOf(hash64(`${kind}\0${name}`));
    if (id === this.parents.length) {
      this.parents.push(id);
      this.fractions.push(fractionOf(name, this.seed));
      this.kinds.push(kinds.indexOf(kind));
      this.digests.push(kind === 'declared' ? '' : name);
      if (kind === 'declared') this.declared.set(id, name);
    }
    return id;
  }

  unite(one: number, other: number): void {
    const [low, high] = [this.rootOf(one), this.rootOf(other)].sort((a, b) => a - b) as [number, number];
    this.parents.set(high, low);
    this.leaders = null;
  }

  /** A number that all keys of one group share; final only when all have been united. */
  rootOf(id: number): number {
    let at = id;
    while (this.parents.at(at) !== at) {
      const above = this.parents.at(this.parents.at(at));
      this.parents.set(at, above);
      at = above;
    }
    return at;
  }

  groupOf(id: number): Group {
    this.leaders ??= this.findLeaders();
    const leader = this.leaders[this.rootOf(id)] as number;
    return { fraction: this.fractions.at(leader), name: this.declared.get(leader) ?? this.digests.at(leader) };
  }

  private findLeaders(): Int32Array {
    const leaders = new Int32Array(this.size).fill(-1);
    for (let id = 0; id < this.size; id += 1) {
      const root = this.rootOf(id);
      const leader = leaders[root] as number;
      if (leader === -1 || this.leads(id, leader)) leaders[root] = id;
    }
    return leaders;
  }

  private leads(one: number, other: number): boolean {
    const difference = this.kinds.at(one) - this.kinds.at(other);
    return difference < 0 || (difference === 0 && this.fractions.at(one) < this.fractions.at(other));
  }
}
