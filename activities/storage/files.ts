/** Files behind `file://` URIs: whole or not there. Knows nothing of what is in them. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type ProblemError, problem } from '../../config/problems.js';

export function toUri(file: string): string {
  return pathToFileURL(path.resolve(file)).href;
}

export function toPath(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
}

/** Writes under another name and renames, so that a reader or a crash never sees half a file. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await writeFile(partial, content);
    await rename(partial, file);
  } catch (error) {
    throw noSpace(error, file) ?? error;
  }
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
}

export async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8').catch(naming(file)));
}

/** Where a folder lies in place of a file, the system's error does not say which: to be given to `catch`. */
export function naming(file: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    error.path ??= file;
    throw error;
  };
}

/** The whole lines of a JSONL file, parsed; half a line at the end is left for the next reading. */
export async function* readJsonLines(file: string): AsyncGenerator<unknown> {
  const text = createReadStream(file, { encoding: 'utf8' });
  let held: string | undefined;
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (held !== undefined && held.trim() !== '') yield JSON.parse(held);
    held = line;
  }
  if (held === undefined || held.trim() === '') return;
  try {
    yield JSON.parse(held);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The problem behind ENOSPC or EDQUOT; undefined for any other error. */
export function noSpace(error: unknown, where: string): ProblemError | undefined {
  const code = (error as NodeJS.ErrnoException)?.code;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  return problem(
    'NoSpace',
    { what: 'There is no space left on the disk.', where, todo: 'Free some space; the run goes on from where it was.' },
    { cause: error },
  );
}
