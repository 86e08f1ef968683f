/** Groups of records that must stay on one side of a split: those that share a picture or a declared group (M4). */

/** Union-find over what records share. A group is named by the first thing seen of it, so that later rows rename none. */
export class Groups {
  private readonly ids = new Map<string, number>();
  private readonly names: string[] = [];
  private readonly parents: number[] = [];

  /** Joins all that one record holds; returns a handle for `nameOf`. */
  join(shared: [string, ...string[]]): number {
    const [first, ...others] = shared.map((name) => this.idOf(name)) as [number, ...number[]];
    for (const other of others) this.unite(first, other);
    return first;
  }

  /** Final only when all records have been joined. */
  nameOf(handle: number): string {
    return this.names[this.rootOf(handle)] as string;
  }

  private idOf(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.names.length;
    this.ids.set(name, id);
    this.names.push(name);
    this.parents.push(id);
    return id;
  }

  private rootOf(id: number): number {
    let at = id;
    while (this.parents[at] !== at) {
      const above = this.parents[this.parents[at] as number] as number;
      this.parents[at] = above;
      at = above;
    }
    return at;
  }

  /** The lower id, seen earlier, names the whole. */
  private unite(one: number, other: number): void {
    const [low, high] = [this.rootOf(one), this.rootOf(other)].sort((a, b) => a - b) as [number, number];
    this.parents[high] = low;
  }
}
