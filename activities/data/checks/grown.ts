/** The same array, or a copy with room for at least `length` items: half as much again, so that copies stay few. */
export function grown<Items extends Uint8Array | Uint32Array | Float32Array>(items: Items, length: number): Items {
  if (length <= items.length) return items;
  const larger = new (items.constructor as new (length: number) => Items)(Math.ceil(Math.max(64, length) * 1.5));
  larger.set(items);
  return larger;
}
