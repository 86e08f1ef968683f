/** Files that may not be there: missing is an answer, every other trouble is thrown. */
import { access } from 'node:fs/promises';
import { readJson } from '../storage/files.js';

/** null in place of ENOENT. */
export async function unlessMissing<Value>(attempt: Promise<Value>): Promise<Value | null> {
  return attempt.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
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
