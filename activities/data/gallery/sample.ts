/** A sample that depends on what the rows are called and on nothing else: the same dataset shows the same cards. */
import { sha256 } from '../../storage/files.js';

interface Held<Item> {
  rank: number;
  item: Item;
}

/** A number in [0, 2^48) that a name has for good. */
export function rankOf(name: string): number {
  return Number.parseInt(sha256(name).slice(0, 12), 16);
}

/** The items of the lowest ranks; holds at most twice as many as it gives. */
class LowestRanks<Item> {
  seen = 0;
  private held: Held<Item>[] = [];
  private readonly most: number;
  private limit = Number.POSITIVE_INFINITY;

  constructor(most: number) {
    this.most = most;
  }

  add(rank: number, make: () => Item): void {
    this.seen += 1;
    if (rank >= this.limit) return;
    this.held.push({ rank, item: make() });
    if (this.held.length >= 2 * this.most) this.cut(this.most);
  }

  /** In the order of their ranks. */
  lowest(most: number): Item[] {
    this.cut(this.held.length);
    return this.held.slice(0, most).map(({ item }) => item);
  }

  private cut(most: number): void {
    this.held.sort((one, other) => one.rank - other.rank);
    this.held = this.held.slice(0, most);
    if (this.held.length >= this.most) this.limit = this.held[this.most - 1]?.rank ?? this.limit;
  }
}

export interface SampleSize {
  /** Of all strata together. */
  total: number;
  /** Of each stratum at least, as far as it has so many. */
  each: number;
}

/** Items by stratum: every stratum is represented, the larger ones by more. */
export class StratifiedSample<Item> {
  private readonly strata = new Map<string, LowestRanks<Item>>();
  private readonly size: SampleSize;

  constructor(size: SampleSize) {
    this.size = size;
  }

  add(stratum: string, name: string, make: () => Item): void {
    let ranks = this.strata.get(stratum);
    if (!ranks) {
      ranks = new LowestRanks(this.size.total);
      this.strata.set(stratum, ranks);
    }
    ranks.add(rankOf(name), make);
  }

  /** Strata in the order in which they were met. */
  items(): Item[] {
    const strata = [...this.strata.values()];
    const quotas = quotasOf(
      strata.map(({ seen }) => seen),
      this.size,
    );
    return strata.flatMap((ranks, index) => ranks.lowest(quotas[index] ?? 0));
  }
}

/** How many of each stratum are taken: all where they fit, else by size, with a minimum for each. */
export function quotasOf(sizes: readonly number[], { total, each }: SampleSize): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (all <= total) return [...sizes];
  return sizes.map((size) => Math.min(size, Math.max(each, Math.floor((size / all) * total))));
}
