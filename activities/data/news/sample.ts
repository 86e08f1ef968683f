/** One record of each of some groups, the same ones each time: records of one group are alike, and would count as many. */
import type { TaskRecord } from '../../../config/records.js';
import { sha256 } from '../../storage/files.js';

export class Sample {
  private readonly seed: number;
  private readonly groups: number;
  /** By group, its record of least rank. */
  private readonly kept = new Map<string, { rank: string; record: TaskRecord }>();
  private highest = '';

  constructor(seed: number, groups: number) {
    this.seed = seed;
    this.groups = groups;
  }

  add(record: TaskRecord): void {
    const { group, id } = record;
    const rank = `${sha256(`drift\0${this.seed}\0${group}`)}${sha256(id)}`;
    if (this.kept.size >= this.groups && rank > this.highest && !this.kept.has(group)) return;
    const before = this.kept.get(group);
    if (before === undefined || rank < before.rank) this.kept.set(group, { rank, record });
    if (this.kept.size > this.groups) this.dropHighest();
    else if (rank > this.highest) this.highest = rank;
  }

  /** In an order that has nothing to do with that of the files. */
  get records(): TaskRecord[] {
    return this.sorted().map(([, { record }]) => record);
  }

  private sorted() {
    return [...this.kept].sort(([, one], [, other]) => (one.rank < other.rank ? -1 : 1));
  }

  private dropHighest(): void {
    const [last] = this.sorted().slice(-1);
    if (last) this.kept.delete(last[0]);
    this.highest = this.sorted().at(-1)?.[1].rank ?? '';
  }
}
