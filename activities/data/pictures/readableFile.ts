/** A picture's path may lead to what is no file or can't be read: a fault of its row, never of the import. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RowFault } from '../faults.js';

const codes = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG'];

/** Of a file, links followed. Throws `RowFault` `imageNotFound`: reading a pipe or a device might never end. */
export async function statFile(file: string): Promise<Stats> {
  const found = await orNotFound(stat(file));
  if (found.isFile()) return found;
  const kind = found.isDirectory() ? 'a folder' : 'a pipe, socket or device';
  throw new RowFault('imageNotFound', `the path leads to ${kind}, not to a file`);
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
