/** Names what a file is that is no format of records, by its first bytes, and says how it becomes one. */

export interface UnreadContainer {
  what: string;
  todo: string;
}

interface Signature extends UnreadContainer {
  begins: string;
  /** In the bytes behind, where the beginning alone leaves a doubt. */
  holds?: RegExp;
}

const zip = 'PK\x03\x04';
const pictureTodo = 'Name its folder, or the file of records that names the picture.';
const arrowTodo =
  'Write it as Parquet: datasets.load_from_disk("folder")["train"].to_parquet("train.parquet") in Python.';
const pickle = {
  what: 'It is a Python pickle, which is never opened: it can run any program.',
  todo: 'Write the records as JSONL, or a data frame with to_parquet.',
};
const unpackTodo = 'Unpack it into a folder, and name that folder or the file of records in it.';

const signatures: readonly Signature[] = [
  {
    begins: zip,
    holds: /xl\/|\[Content_Types\]\.xml/,
    what: 'It is an Excel workbook.',
    todo: 'Save the sheet as CSV (UTF-8), and pictures in its cells as files that a column names.',
  },
  {
    begins: zip,
    holds: /\.npy/,
    what: 'It is an archive of NumPy arrays.',
    todo: 'Write pictures as PNG, records as JSONL.',
  },
  { begins: zip, what: 'It is a ZIP archive.', todo: unpackTodo },
  { begins: 'Rar!\x1a\x07', what: 'It is a RAR archive.', todo: unpackTodo },
  { begins: "7z\xbc\xaf'\x1c", what: 'It is a 7z archive.', todo: unpackTodo },
  {
    begins: 'BZh',
    holds: /^BZh[1-9]1AY&SY/,
    what: 'It is packed by bzip2.',
    todo: 'Unpack it (bunzip2), or pack it by gzip or Zstandard.',
  },
  { begins: '\xfd7zXZ\0', what: 'It is packed by xz.', todo: 'Unpack it (unxz), or pack it by gzip or Zstandard.' },
  { begins: 'ARROW1', what: 'It is an Arrow file.', todo: arrowTodo },
  {
    begins: '\xff\xff\xff\xff',
    what: 'It is an Arrow stream, as save_to_disk of datasets writes it.',
    todo: arrowTodo,
  },
  { begins: 'SQLite format 3\0', what: 'It is an SQLite database.', todo: 'Write the query’s rows as CSV or JSONL.' },
  { begins: '\x89HDF\r\n', what: 'It is an HDF5 file.', todo: 'Write pictures as PNG, records as JSONL.' },
  { begins: '\x93NUMPY', what: 'It is a NumPy array.', todo: 'Write pictures as PNG, records as JSONL.' },
  ...['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'].map((begins) => ({ begins, ...pickle })),
  { begins: '\x89PNG', what: 'It is a picture, not a file of records.', todo: pictureTodo },
  { begins: '\xff\xd8\xff', what: 'It is a picture, not a file of records.', todo: pictureTodo },
];

/** Names of such files, in a folder that holds no others. */
export const unreadName = /\.(zip|rar|7z|xlsx|npz|npy|arrow|feather|pkl|pickle|h5|hdf5|db|sqlite3?|bz2|xz)$/i;

export function unreadContainer(start: Buffer): UnreadContainer | null {
  const text = start.toString('latin1');
  const found = signatures.find(({ begins, holds = /^/ }) => text.startsWith(begins) && holds.test(text));
  return found ? { what: found.what, todo: found.todo } : null;
}
