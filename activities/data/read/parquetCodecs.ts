/** Every packing that Parquet knows. */
import type { Compressors } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** hyparquet-compressors 1.1.2 takes the one byte by which LZ4 writes an empty page, of nulls only, for damage. */
function sparingEmptyPages(unpack: Compressors[keyof Compressors]): Compressors[keyof Compressors] {
  return unpack && ((packed, length) => (length === 0 ? new Uint8Array() : unpack(packed, length)));
}

/** Snappy is left to hyparquet itself: the WebAssembly one holds a page twice more, and never gives that memory back. */
const { SNAPPY: _, ...others } = compressors;

export const codecs = Object.fromEntries(
  Object.entries(others).map(([codec, unpack]) => [codec, sparingEmptyPages(unpack)]),
) as Compressors;
