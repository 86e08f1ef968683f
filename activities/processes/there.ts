/** Files that may not be there: missing is an answer, every other trouble is thrown. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { readJson } from '../storage/files.js';

/** null in place of ENOENT. */
export async function unlessMissing<Value>(attempt: Promise<Value>): Promise<Value | null> {
  return attempt.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Names behind which no file is, or can be: missing, below a file, a folder, links in a circle, a name too long, no name at all. */
const noFile = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

/** null where a name that others chose leads to no file. A disk that is away is still thrown. */
export async function unlessNoFile<Value>(attempt: Promise<Value>): Promise<Value | null> {
  return attempt.catch((error: NodeJS.ErrnoException) => {
    if (noFile.has(error.code ?? '')) return null;
    throw error;
  });
}

export async function isThere(file: string): Promise<boolean> {
  return (await unlessMissing(access(file).then(() => true))) ?? false;
}

/** The JSON in a file; null when there is no such file. */
export async function readIfThere(file: string): Promise<unknown> {
  return unlessMissing(readJson(file));
}

/** The other value where a file was read and held something else than it should: a power cut emptied it, or it was written by hand. */
export async function unlessDamaged<Value, Instead>(
  attempt: Promise<Value>,
  instead: Instead,
): Promise<Value | Instead> {
  return attempt.catch((error: unknown) => {
    if (isDamage(error)) return instead;
    throw error;
  });
}

function isDamage(error: unknown): error is SyntaxError | z.ZodError {
  return error instanceof SyntaxError || error instanceof z.ZodError;
}

/** What a file of ours holds; null when there is no such file. Throws `StorageDamaged` when it holds something else. */
export async function readAs<Schema extends z.ZodType>(schema: Schema, file: string): Promise<z.output<Schema> | null> {
  const content = readIfThere(file).then((found) => (found === null ? null : schema.parse(found)));
  return content.catch((error: unknown) => {
    if (!isDamage(error)) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    throw problem(
      'StorageDamaged',
      {
        what: `${path.basename(file)} was cut off or changed by hand: ${why.slice(0, 300)}`,
        where: file,
        todo: 'Restore the file, or remove it and run the same command again: what the other files say is kept.',
      },
      { cause: error },
    );
  });
}
