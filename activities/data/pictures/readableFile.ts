/** A picture's path may lead to what is no file or can't be read: a fault of its row, never of the import. */
import { close, constants, fstat, open, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { RowFault } from '../faults.js';

/** For many small files twice as fast as `node:fs/promises`, which makes a handle for each. */
const [opened, told, filled, closed] = [promisify(open), promisify(fstat), promisify(read), promisify(close)];
/** A pipe that nobody writes to is opened at once, and seen to be none of ours. */
const readAtOnce = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const codes = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'ENXIO'];

export interface ReadFile {
  /** null where the file is larger than what was asked for. */
  bytes: Buffer | null;
  size: number;
  mtimeMs: number;
}

/** A file, links followed, of `most` bytes. Throws `RowFault` `imageNotFound`: reading a pipe or a device might never end. */
export function readRegularFile(file: string, most: number): Promise<ReadFile> {
  return orNotFound(readWhole(file, most));
}

async function readWhole(file: string, most: number): Promise<ReadFile> {
  const descriptor = await opened(file, readAtOnce);
  try {
    const status = await told(descriptor);
    requireFile(status);
    const { size, mtimeMs } = status;
    return { bytes: size > most ? null : await bytesOf(descriptor, size), size, mtimeMs };
  } finally {
    await closed(descriptor);
  }
}

function requireFile(status: Stats): void {
  if (status.isFile()) return;
  const kind = status.isDirectory() ? 'a folder' : 'a pipe, socket or device';
  throw new RowFault('imageNotFound', `the path leads to ${kind}, not to a file`);
}

/** Fewer where the file has become shorter. */
async function bytesOf(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await filled(descriptor, bytes, length, size - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

/** Throws `RowFault` `imageNotFound` where the path is at fault; what is wrong with the machine stays as it is. */
export async function orNotFound<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!codes.includes(code)) throw error;
    throw new RowFault('imageNotFound', `the path leads to what can't be read (${code})`, { cause: error });
  }
}
