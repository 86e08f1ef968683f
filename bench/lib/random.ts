/** Random numbers that a seed decides, for benches that make their own data. */
import { uniformFrom } from '../../workflows/policies/statistics/random.js';

export class Random {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = uniformFrom(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)] as Item;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }
}
