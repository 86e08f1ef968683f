/** Cuts a Parquet file into ranges of rows that fit into memory: row groups, or pages of those that are large. */
import type { AsyncBuffer, ColumnChunk, ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet';
import { parquetSchema, readOffsetIndex } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { problem } from '../../../config/problems.js';

/** A range of rows within one row group. */
export interface RowRange {
  rowStart: number;
  rowEnd: number;
  /** Of that row group only, without the dictionaries that no page of the range needs: they may be larger than it. */
  metadata: FileMetaData;
  /** By the path of a column: where its pages lie, as far as they had to be found. */
  pages: Pages;
}

type Pages = Record<string, PageLocation[]>;

interface PageLocation {
  offset: bigint;
  compressed_page_size: number;
  first_row_index: bigint;
  /** True where its values are known to stand in the page itself. */
  isPlain?: boolean;
}

/** A range holds about so much of the packed bytes of the largest column. */
const usualRangeBytes = 64 * 1024 * 1024;
/** A row group or page above this can't be held. */
const maximumHeldBytes = 1024 * 1024 * 1024;
/** Columns below this share of a range are read whole with each. */
const smallColumn = 1 / 64;

/** The ranges in order. Throws `DatasetInvalid` for a row group that is too large to hold and can't be cut. */
export async function* rowRanges(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { named, rangeBytes = usualRangeBytes }: { named: string; rangeBytes?: number },
): AsyncGenerator<RowRange> {
  const flat = flatColumns(metadata);
  for (const [group, rowGroup] of metadata.row_groups.entries()) {
    const { num_rows } = rowGroup;
    let pages: Pages = {};
    let starts = [0];
    if (Number(rowGroup.total_byte_size) > rangeBytes) {
      const found = await pagesOf(file, rowGroup, { flat, smallest: rangeBytes * smallColumn });
      pages = found.locations;
      starts = found.largest ? cutAtPages(found.largest, rangeBytes) : [0];
      assertHoldable(starts.length > 1 ? largestPage(rowGroup, pages) : Number(rowGroup.total_byte_size), group, named);
    }
    for (const [index, rowStart] of starts.entries()) {
      const rowEnd = starts[index + 1] ?? Number(num_rows);
      const lean = withoutDictionaries(rowGroup, pages, { rowStart, rowEnd });
      yield { rowStart, rowEnd, metadata: { ...metadata, num_rows, row_groups: [lean] }, pages };
    }
  }
}

function withoutDictionaries(rowGroup: RowGroup, pages: Pages, range: Pick<RowRange, 'rowStart' | 'rowEnd'>): RowGroup {
  const columns = rowGroup.columns.map((column) => {
    const found = pages[pathOf(column)] ?? [];
    const [first] = found;
    const needed = found.filter((page, index) => {
      const end = found[index + 1]?.first_row_index ?? rowGroup.num_rows;
      return page.first_row_index < range.rowEnd && end > range.rowStart;
    });
    if (!column.meta_data || !first || !needed.every(({ isPlain }) => isPlain)) return column;
    const { dictionary_page_offset: _, ...plain } = column.meta_data;
    return { ...column, meta_data: { ...plain, data_page_offset: first.offset } };
  });
  return { ...rowGroup, columns };
}

function pathOf({ meta_data: meta }: ColumnChunk): string {
  return meta?.path_in_schema.join('.') ?? '';
}

/** Where a column's dictionary begins, or its first page where it has none. */
function beginOf(meta: ColumnMetaData): number {
  return Number(meta.dictionary_page_offset || meta.data_page_offset);
}

function assertHoldable(bytes: number, group: number, named: string): void {
  if (bytes <= maximumHeldBytes) return;
  throw problem('DatasetInvalid', {
    what: `A page or row group of ${Math.round(bytes / 1024 / 1024)} MiB can't be held in memory.`,
    where: `${named}, row group ${group + 1}`,
    todo: 'Write the file again with smaller row groups, such as row_group_size=100 in pyarrow.',
  });
}

/** Paths of the columns in which one value is one row. */
function flatColumns(metadata: FileMetaData): Set<string> {
  const flat = new Set<string>();
  const visit = (node: ReturnType<typeof parquetSchema>, repeated: boolean): void => {
    const below = repeated || node.element.repetition_type === 'REPEATED';
    if (node.children.length === 0 && !below) flat.add(node.path.join('.'));
    for (const child of node.children) visit(child, below);
  };
  visit(parquetSchema(metadata), false);
  return flat;
}

/** By walking over the headers of the pages; of a column with lists, from the file's own index where it has one. */
async function pagesOf(
  file: AsyncBuffer,
  rowGroup: RowGroup,
  { flat, smallest }: { flat: Set<string>; smallest: number },
): Promise<{ locations: Pages; largest: PageLocation[] | undefined }> {
  const locations: Pages = {};
  let largest: { bytes: number; path: string } = { bytes: 0, path: '' };
  for (const column of rowGroup.columns) {
    const path = pathOf(column);
    const bytes = Number(column.meta_data?.total_compressed_size ?? 0n);
    if (bytes < smallest) continue;
    const found = flat.has(path) ? await walkPages(file, column) : await indexedPages(file, column);
    if (found) locations[path] = found;
    if (bytes > largest.bytes) largest = { bytes, path };
  }
  return { locations, largest: locations[largest.path] };
}

async function indexedPages(file: AsyncBuffer, column: ColumnChunk): Promise<PageLocation[] | undefined> {
  const { offset_index_offset: offset, offset_index_length: length } = column;
  if (!offset || !length) return undefined;
  const index = await file.slice(Number(offset), Number(offset) + length);
  return readOffsetIndex({ view: new DataView(index), offset: 0 }).page_locations;
}

/** Thrift says nowhere how long a header is; statistics make it longer than this at times. */
const headerBytes = 16 * 1024;

async function walkPages(file: AsyncBuffer, { meta_data: meta }: ColumnChunk): Promise<PageLocation[]> {
  if (!meta) return [];
  const begin = beginOf(meta);
  const end = begin + Number(meta.total_compressed_size);
  const pages: PageLocation[] = [];
  let rows = 0n;
  for (let at = begin; at < end && rows < meta.num_values; ) {
    const { header, length } = await headerAt(file, at, end);
    const size = length + header.compressed_page_size;
    const page = header.data_page_header ?? header.data_page_header_v2;
    if (page) {
      const isPlain = !page.encoding.endsWith('DICTIONARY');
      pages.push({ offset: BigInt(at), compressed_page_size: size, first_row_index: rows, isPlain });
      rows += BigInt(page.num_values);
    }
    at += size;
  }
  return pages;
}

async function headerAt(file: AsyncBuffer, at: number, end: number) {
  for (let length = headerBytes; ; length *= 16) {
    const reader = { view: new DataView(await file.slice(at, Math.min(at + length, end))), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      if (at + length >= end) throw error;
    }
  }
}

/** Rows at which a new range begins: where pages of a range's size have gathered. */
function cutAtPages(pages: PageLocation[], rangeBytes: number): number[] {
  const starts: number[] = [];
  let held = Number.POSITIVE_INFINITY;
  for (const { first_row_index: row, compressed_page_size: size } of pages) {
    if (held + size > rangeBytes) {
      starts.push(Number(row));
      held = 0;
    }
    held += size;
  }
  return starts;
}

/** Dictionaries are pages too. */
function largestPage(rowGroup: RowGroup, pages: Pages): number {
  let largest = 0;
  for (const column of rowGroup.columns) {
    const found = pages[pathOf(column)] ?? [];
    if (column.meta_data && found[0]) largest = Math.max(largest, Number(found[0].offset) - beginOf(column.meta_data));
    for (const { compressed_page_size: size } of found) largest = Math.max(largest, size);
  }
  return largest;
}
