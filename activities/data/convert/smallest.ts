/** A bounded choice among many that no order of them changes: those whose keys hash lowest. */
import { sha256 } from '../../storage/files.js';

/** The smallest ranks seen so far; an item below the final limit was never let go, so its value is exact. */
export class Smallest<Value> {
  private readonly held = new Map<string, { rank: string; value: Value }>();
  private readonly limit: number;
  private bar: string | null = null;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The item of a key, to be changed in place; null where it is not among the smallest. */
  at(key: string, make: () => Value): { value: Value } | null {
    const found = this.held.get(key);
    if (found) return found;
    const rank = sha256(key);
    if (this.bar !== null && rank >= this.bar) return null;
    const added = { rank, value: make() };
    this.held.set(key, added);
    if (this.held.size > 2 * this.limit) this.prune();
    return added;
  }

  /** Those that are kept, by rank. */
  kept(): [string, Value][] {
    this.prune();
    return [...this.held].map(([key, { value }]) => [key, value]);
  }

  private prune(): void {
    const byRank = [...this.held].sort(([, a], [, b]) => (a.rank < b.rank ? -1 : 1));
    for (const [key, { rank }] of byRank.splice(this.limit)) {
      this.held.delete(key);
      if (this.bar === null || rank < this.bar) this.bar = rank;
    }
    this.held.clear();
    for (const [key, kept] of byRank) this.held.set(key, kept);
  }
}
