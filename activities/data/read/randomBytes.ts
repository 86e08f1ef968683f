/** The unpacked bytes of a file at any place: of a packed one from a nameless copy on the disk, so that memory stays small. */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { openBytes, packingOf } from './bytes.js';

export interface RandomBytes {
  size: number;
  /** True where the places are those of the file itself, so that a part of it can be named and read later. */
  inPlace: boolean;
  /** Fewer bytes than asked for at the end of the file. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Small reads near each other are answered from one piece of the file. */
const pieceBytes = 64 * 1024;

/** Throws `DatasetInvalid` where the file can't be unpacked, `NoSpace` where the disk has no room for its copy. */
export async function openRandom(file: string, named: string): Promise<RandomBytes> {
  const inPlace = (await packingOf(file)) === null;
  const handle = inPlace ? await open(file) : await unpackedCopy(file, named);
  const { size } = await handle.stat();
  const read = readerOf(handle);
  return { size, inPlace, read, close: () => handle.close() };
}

function readerOf(handle: FileHandle): RandomBytes['read'] {
  let piece: Buffer = Buffer.alloc(0);
  let pieceAt = 0;
  return async (offset, length) => {
    if (length > pieceBytes) return readFully(handle, offset, length);
    if (offset < pieceAt || offset + length > pieceAt + piece.length) {
      piece = await readFully(handle, offset, pieceBytes);
      pieceAt = offset;
    }
    return piece.subarray(offset - pieceAt, offset - pieceAt + length);
  };
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The file's name is gone before the first byte is written: the copy ends with the process, however that ends. */
async function unpackedCopy(file: string, named: string): Promise<FileHandle> {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-unpacked-'));
  const handle = await open(path.join(folder, 'copy'), 'wx+').finally(() => rm(folder, { recursive: true }));
  try {
    for await (const chunk of openBytes(file, named)) await handle.appendFile(chunk);
    return handle;
  } catch (error) {
    await handle.close();
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw problem(
      'NoSpace',
      {
        what: 'The disk has no room to unpack the file.',
        where: `${named} into ${tmpdir()}`,
        todo: 'Unpack it by hand, or set TMPDIR to a larger disk.',
      },
      { cause: error },
    );
  }
}
