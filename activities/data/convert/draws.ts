/** Choices that look random and follow from names alone: the same on every machine, in any order of records. */
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { sha256 } from '../../storage/files.js';

export class Draws {
  /** In [0, 1). */
  readonly next: () => number;

  /** `of`: what the choices depend on, such as seed, record id and purpose. */
  constructor(...of: (string | number)[]) {
    this.next = uniformFrom(Number.parseInt(sha256(of.join('\0')).slice(0, 8), 16));
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** One of a list, which must not be empty. */
  pick<Item>(list: readonly Item[]): Item {
    return list[this.below(list.length)] as Item;
  }

  /** A copy in another order (Fisher and Yates). */
  shuffled<Item>(list: readonly Item[]): Item[] {
    const mixed = [...list];
    for (let last = mixed.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [mixed[last], mixed[other]] = [mixed[other] as Item, mixed[last] as Item];
    }
    return mixed;
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
