/** Samples that depend on what is sampled and not on its order. */

/** Scrambles 32 bits (the finaliser of MurmurHash3), so that near numbers end far apart. */
export function scrambled(value: number): number {
  let bits = value >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The places of the `size` lowest keys. Keys must come from content for the sample to do so. */
export function lowestKeys(count: number, size: number, keyOf: (place: number) => number): Uint32Array {
  const keys = Float64Array.from({ length: count }, (_, place) => keyOf(place) * 2 ** 21 + (place % 2 ** 21));
  const order = Uint32Array.from({ length: count }, (_, place) => place);
  if (count <= size) return order;
  const limit = keys.toSorted()[size - 1] as number;
  return order.filter((place) => (keys[place] as number) <= limit);
}

/** The value below which a share of the values lies. Sorts a copy; 0 for none. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
