/** Unpacks Zstandard as a stream; Node's zlib does so only from version 22 on. Checksums of the content are not compared. */
import { Decompress, ZstdErrorCode } from 'fzstd';

/** Of a frame, and of a skippable frame, whose lowest four bits are free (RFC 8878, 3.1). */
const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** As the zstd program does without `--long`: a header may not make us hold more. */
const maximumWindowBytes = 128 * 1024 * 1024;

/** Four packed bytes may stand for a block of 128 KiB, so that few are unpacked at a time. */
const pushedBytes = 1024;

export function isZstd(start: Buffer): boolean {
  if (start.length < 4) return false;
  const magic = start.readUInt32LE(0);
  return magic === frameMagic || (magic & 0xfffffff0) >>> 0 === skippableMagic;
}

/** The content of one frame after another. Throws an `Error` that says why where they are cut off or wrong. */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let ready: Buffer[] = [];
  const decoder = new Decompress((part) => {
    if (part.length > 0) ready.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  });
  let first = true;
  for await (const chunk of chunks) {
    if (first) checkWindow(Buffer.from(chunk));
    first = false;
    for (let from = 0; from < chunk.length; from += pushedBytes) {
      push(decoder, chunk.subarray(from, from + pushedBytes), false);
      yield* ready;
      ready = [];
    }
  }
  push(decoder, new Uint8Array(), true);
  yield* ready;
}

function push(decoder: Decompress, part: Uint8Array, last: boolean): void {
  try {
    decoder.push(part, last);
  } catch (error) {
    const early = (error as { code?: unknown }).code === ZstdErrorCode.UnexpectedEOF;
    const words = error instanceof Error ? error.message : String(error);
    throw new Error(early ? 'the zstd file ends too early' : `the zstd file is broken (${words})`, { cause: error });
  }
}

/** The window of the first frame, which is held while it is unpacked (RFC 8878, 3.1.1.1). */
function checkWindow(start: Buffer): void {
  if (start.length < 14 || start.readUInt32LE(0) !== frameMagic) return;
  const descriptor = start.readUInt8(4);
  const window = (descriptor & 0x20) === 0 ? windowOf(start.readUInt8(5)) : contentSize(start, descriptor);
  if (window > maximumWindowBytes)
    throw new Error('the zstd file needs a window of more than 128 MiB; pack it again without --long');
}

function windowOf(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

/** Of a frame of a single segment: the whole content is its window. */
function contentSize(start: Buffer, descriptor: number): number {
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const width = descriptor >> 6;
  if (width === 0) return start.readUInt8(at);
  if (width === 1) return start.readUInt16LE(at) + 256;
  return width === 2 ? start.readUInt32LE(at) : Number(start.readBigUInt64LE(at));
}
