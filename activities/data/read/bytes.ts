/** Bytes of a record file: unpacked if gzip or zstd (by content, not by name) and brought to UTF-8. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { problem } from '../../../config/problems.js';
import { isZstd, unzstd } from './zstd.js';

/** The unpacked bytes of a file, in chunks of any size. Throws `DatasetInvalid` where it can't be read or unpacked. */
export async function* openBytes(file: string, named: string): AsyncGenerator<Buffer> {
  try {
    const packing = await packingOf(file);
    const plain = createReadStream(file);
    if (packing === 'zstd') yield* unzstd(plain as AsyncIterable<Buffer>);
    // The callback form of pipeline hands a read error on to the unpacked stream, where the loop below meets it.
    else
      yield* (packing === 'gzip' ? pipeline(plain, createGunzip(), () => undefined) : plain) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(error, named);
  }
}

/** The bytes as they lie on the disk. Throws `DatasetInvalid` where they can't be read. */
export async function* openPacked(file: string, named: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(error, named);
  }
}

function unreadable(error: unknown, named: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'Z_BUF_ERROR' ? 'the gzip file ends too early' : message;
  const what = code === 'ENOENT' ? 'There is no such file of records.' : `The records can't be read: ${why}.`;
  const todo = 'Correct the path in "records", or copy the file again.';
  return problem('DatasetInvalid', { what, where: named, todo }, { cause: error });
}

/** How a file is packed, by its first bytes; null where it is not. */
export async function packingOf(file: string): Promise<'gzip' | 'zstd' | null> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead >= 2 && buffer[0] === 0x1f && buffer[1] === 0x8b) return 'gzip';
    return isZstd(buffer.subarray(0, bytesRead)) ? 'zstd' : null;
  } finally {
    await handle.close();
  }
}

export type Unicode = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Reads the byte order mark, or where the zero bytes of the first character lie. JSON and CSV begin with ASCII. */
export function unicodeOf(start: Uint8Array): Unicode {
  const [first, second] = start;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (second === 0 && first !== undefined && first !== 0) return 'utf-16le';
  if (first === 0 && second !== undefined && second !== 0) return 'utf-16be';
  return 'utf-8';
}

/** The same text as UTF-8 without a byte order mark. UTF-8 itself passes unchecked: each record is checked on its own. */
export async function* toUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let first = true;
  for await (const chunk of withFullStart(chunks)) {
    if (first) {
      first = false;
      const unicode = unicodeOf(chunk);
      if (unicode !== 'utf-8') decoder = new TextDecoder(unicode);
      else if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) {
        yield chunk.subarray(3);
        continue;
      }
    }
    yield decoder ? Buffer.from(decoder.decode(chunk, { stream: true })) : chunk;
  }
  if (decoder) yield Buffer.from(decoder.decode());
}

/** Joins the first chunks until they hold three bytes, so that a byte order mark is never cut. */
async function* withFullStart(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
    if (start.length < 3) continue;
    yield start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}
