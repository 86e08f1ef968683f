/** Which handles belong together: union-find in 4 bytes each. A cluster is named by its lowest handle. */
export class Clusters {
  private readonly parents: Uint32Array;

  constructor(count: number) {
    this.parents = Uint32Array.from({ length: count }, (_, handle) => handle);
  }

  /** True when the two were apart until now. */
  unite(one: number, other: number): boolean {
    const [a, b] = [this.of(one), this.of(other)];
    if (a === b) return false;
    this.parents[Math.max(a, b)] = Math.min(a, b);
    return true;
  }

  of(handle: number): number {
    const { parents } = this;
    let at = handle;
    while (parents[at] !== at) {
      const above = parents[parents[at] as number] as number;
      parents[at] = above;
      at = above;
    }
    return at;
  }

  /** The handles that are not alone. */
  twins(): { has(handle: number): boolean } {
    const sizes = this.sizesByRoot();
    return { has: (handle) => handle >= 0 && (sizes[this.of(handle)] as number) > 1 };
  }

  /** Clusters of two and more, what they hold in all, and the size of the largest. */
  sizes(): { clusters: number; members: number; largest: number } {
    const sizes = this.sizesByRoot();
    const found = { clusters: 0, members: 0, largest: 0 };
    for (const size of sizes) {
      if (size < 2) continue;
      found.clusters += 1;
      found.members += size;
      found.largest = Math.max(found.largest, size);
    }
    return found;
  }

  private sizesByRoot(): Uint32Array {
    const sizes = new Uint32Array(this.parents.length);
    for (let handle = 0; handle < sizes.length; handle += 1) {
      const root = this.of(handle);
      sizes[root] = (sizes[root] as number) + 1;
    }
    return sizes;
  }
}
