/** Shards by their numbers, as WebDataset names them: part-{000..012}.tar. Globs know no leading zeros. */

const range = /\{(\d{1,12})\.\.(\d{1,12})\}/;

const mostFiles = 1_000_000;

/** The path with every number of its range, in their order; itself where it holds none, or one that is no range of files. */
export function expandRanges(written: string): string[] {
  const [whole = '', first = '', last = ''] = range.exec(written) ?? [];
  const count = Number(last) - Number(first) + 1;
  if (whole === '' || count < 1 || count > mostFiles) return [written];
  const numbers = Array.from({ length: count }, (_, at) => Number(first) + at);
  return numbers.flatMap((number) => expandRanges(written.replace(whole, String(number).padStart(first.length, '0'))));
}
