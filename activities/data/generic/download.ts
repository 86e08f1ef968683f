/** One file from a hub to the disk: resumed where it stopped, and there under its name only once its content is proven. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { problem } from '../../../config/problems.js';
import { noSpace } from '../../storage/files.js';
import { ask, type Hub, type HubFile, headersOf, problemOf } from './hub.js';

export interface DownloadOptions {
  hub: Hub;
  url: string;
  file: HubFile;
  into: string;
  heartbeat: (bytes: number) => void;
  /** Attempts in a row that bring no byte before it is given up. */
  attempts?: number;
  firstPauseMilliseconds?: number;
}

/**
 * Downloads a file beside its final name and renames it when size and checksum are right; what an attempt brought is kept
 * for the next one. Throws `EndpointUnavailable` when attempts bring nothing, `DatasetInvalid` for another content.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { into, file, hub, attempts = 5, firstPauseMilliseconds = 1000 } = options;
  const partial = `${into}.incomplete`;
  await mkdir(path.dirname(into), { recursive: true });
  for (let fruitless = 0; ; ) {
    const before = await sizeOf(partial);
    try {
      await receive(options, partial, before);
      break;
    } catch (error) {
      hub.signal.throwIfAborted();
      fruitless = (await sizeOf(partial)) > before ? 0 : fruitless + 1;
      if (!passes(error) || fruitless >= attempts) throw error;
      await sleep(firstPauseMilliseconds * 2 ** fruitless, undefined, { signal: hub.signal });
    }
  }
  if (!(await isRight(partial, file))) {
    await rm(partial, { force: true });
    throw problem('DatasetInvalid', {
      what: `The content of ${file.path} is not what the hub's listing says (size or checksum).`,
      where: options.url.slice(0, 300),
      todo: 'Start again; if it stays so, the mirror holds a broken copy.',
    });
  }
  await rename(partial, into);
}

/** Faults that another attempt may mend: those of the network and of a server, not those of the disk or a refusal. */
function passes(error: unknown): boolean {
  const type = (error as { problem?: { type?: string } }).problem?.type;
  return type === 'EndpointUnavailable';
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function receive({ hub, url, file, heartbeat }: DownloadOptions, partial: string, have: number): Promise<void> {
  if (have === file.size && have > 0) return;
  const from = have < file.size ? have : 0;
  const response = await ask(hub, url, { ...headersOf(hub), ...(from > 0 ? { range: `bytes=${from}-` } : {}) });
  if (!response.ok || !response.body) throw problemOf(response.status, url);
  const resumes = response.status === 206 && startOf(response) === from;
  const handle = await open(partial, resumes ? 'a' : 'w');
  try {
    await append(response.body, { handle, limit: file.size - (resumes ? from : 0), heartbeat, partial, url });
  } finally {
    await handle.close();
  }
}

/** A reply that ends early or breaks off passes; the bytes that came stay. Nothing past the listed size is kept. */
async function append(
  body: ReadableStream<Uint8Array>,
  to: { handle: FileHandle; limit: number; heartbeat: (bytes: number) => void; partial: string; url: string },
): Promise<void> {
  let bytes = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw problem(
        'EndpointUnavailable',
        { what: 'The reply broke off.', where: to.url.slice(0, 300), todo: 'Start again: it goes on from there.' },
        { cause: error },
      );
    });
    if (done) break;
    bytes += value.length;
    if (bytes > to.limit) {
      await reader.cancel();
      throw problem('DatasetInvalid', {
        what: `The hub sends more than the ${to.limit} bytes that its listing says.`,
        where: to.url.slice(0, 300),
        todo: 'Check HF_ENDPOINT: the mirror answers with something else.',
      });
    }
    await to.handle.write(value).catch((error: unknown) => {
      throw noSpace(error, to.partial) ?? error;
    });
    to.heartbeat(value.length);
  }
  if (bytes < to.limit)
    throw problem('EndpointUnavailable', {
      what: `The reply ended ${to.limit - bytes} bytes early.`,
      where: to.url.slice(0, 300),
      todo: 'Start again: it goes on from there.',
    });
}

function startOf(response: Response): number | null {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? null : Number(start);
}

/** Whether a file has the size and checksum of the listing. */
export async function isRight(file: string, { size, checksum }: HubFile): Promise<boolean> {
  if ((await sizeOf(file)) !== size) return false;
  if (checksum === null) return true;
  const hash: Hash = createHash(checksum.kind === 'sha256' ? 'sha256' : 'sha1');
  if (checksum.kind === 'gitBlob') hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex') === checksum.hex;
}
