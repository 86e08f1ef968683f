/** Cuts a Parquet file into ranges of rows that fit into memory: row groups, or pages of those that are large. */
import type { AsyncBuffer, ColumnChunk, FileMetaData, RowGroup } from 'hyparquet';
import { parquetSchema, readOffsetIndex } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { problem } from '../../../config/problems.js';

export interface RowRange {
  rowStart: number;
  rowEnd: number;
  /** By row group, then by the path of a column: where its pages lie, as far as they had to be found. */
  pages: Record<string, PageLocation[]>[];
}

export interface PageLocation {
  offset: bigint;
  compressed_page_size: number;
  first_row_index: bigint;
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
  let rowStart = 0;
  for (const [group, rowGroup] of metadata.row_groups.entries()) {
    const rows = Number(rowGroup.num_rows);
    const pages: RowRange['pages'] = metadata.row_groups.map(() => ({}));
    let starts = [0];
    if (Number(rowGroup.total_byte_size) > rangeBytes) {
      const found = await pagesOf(file, rowGroup, { flat, smallest: rangeBytes * smallColumn });
      pages[group] = found.locations;
      starts = found.largest ? cutAtPages(found.largest, rangeBytes) : [0];
      assertHoldable(starts.length > 1 ? largestPage(found.locations) : Number(rowGroup.total_byte_size), group, named);
    }
    for (const [index, from] of starts.entries())
      yield { rowStart: rowStart + from, rowEnd: rowStart + (starts[index + 1] ?? rows), pages };
    rowStart += rows;
  }
}

function assertHoldable(bytes: number, group: number, named: string): void {
  if (bytes <= maximumHeldBytes) return;
  throw problem('DatasetInvalid', {
    what: `A page or row group of ${Math.round(bytes / 1024 / 1024)} MiB can't be held in memory.`,
    where: `${named}, row group ${group + 1}`,
    todo: 'Write the file again with smaller row groups, such as row_group_size=1000 in pyarrow.',
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

/** From the file's own index where it has one, else by walking over the headers of the pages. */
async function pagesOf(
  file: AsyncBuffer,
  rowGroup: RowGroup,
  { flat, smallest }: { flat: Set<string>; smallest: number },
): Promise<{ locations: Record<string, PageLocation[]>; largest: PageLocation[] | undefined }> {
  const locations: Record<string, PageLocation[]> = {};
  let largest: { bytes: number; path: string } = { bytes: 0, path: '' };
  for (const column of rowGroup.columns) {
    const { path_in_schema = [], total_compressed_size = 0n } = column.meta_data ?? {};
    const path = path_in_schema.join('.');
    const bytes = Number(total_compressed_size);
    if (bytes < smallest) continue;
    const found = await locationsOf(file, column, flat.has(path));
    if (found) locations[path] = found;
    if (bytes > largest.bytes) largest = { bytes, path };
  }
  return { locations, largest: locations[largest.path] };
}

async function locationsOf(file: AsyncBuffer, column: ColumnChunk, flat: boolean): Promise<PageLocation[] | undefined> {
  const { offset_index_offset: offset, offset_index_length: length } = column;
  if (!offset || !length) return flat ? walkPages(file, column) : undefined;
  const index = await file.slice(Number(offset), Number(offset) + length);
  return readOffsetIndex({ view: new DataView(index), offset: 0 }).page_locations;
}

/** Thrift says nowhere how long a header is; statistics make it longer than this at times. */
const headerBytes = 16 * 1024;

async function walkPages(file: AsyncBuffer, { meta_data: meta }: ColumnChunk): Promise<PageLocation[]> {
  if (!meta) return [];
  const begin = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = begin + Number(meta.total_compressed_size);
  const pages: PageLocation[] = [];
  let rows = 0n;
  for (let at = begin; at < end && rows < meta.num_values; ) {
    const { header, length } = await headerAt(file, at, end);
    const size = length + header.compressed_page_size;
    const values = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values;
    if (values !== undefined) {
      pages.push({ offset: BigInt(at), compressed_page_size: size, first_row_index: rows });
      rows += BigInt(values);
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

function largestPage(locations: Record<string, PageLocation[]>): number {
  let largest = 0;
  for (const pages of Object.values(locations))
    for (const { compressed_page_size: size } of pages) largest = Math.max(largest, size);
  return largest;
}
