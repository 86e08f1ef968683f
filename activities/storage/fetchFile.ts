/** One file out of a store onto this disk: whole and checked, or not there. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { problem } from '../../config/problems.js';
import { unlessMissing } from '../processes/there.js';
import { sha256OfFile } from './digests.js';
import { noSpace } from './files.js';
import type { Store } from './store.js';

/** From so many bytes on, what arrived before a crash is kept and the rest asked for. */
const resumedFromBytes = 64 * 1024 * 1024;

/**
 * False where there is no such file. Throws `StorageDamaged` when its bytes are not those that were put, also at a second
 * reading; `NoSpace`. A file that is put anew meanwhile is read anew.
 */
export async function fetchFile(store: Store, key: string, into: string, signal?: AbortSignal): Promise<boolean> {
  await mkdir(path.dirname(into), { recursive: true });
  let wanted = await store.head(key);
  for (let damaged = 0; wanted !== null; ) {
    const isResumed = wanted.bytes >= resumedFromBytes && damaged === 0;
    const draft = `${into}.${isResumed ? wanted.sha256.slice(0, 16) : randomUUID()}.partial`;
    try {
      if (await receive(store, key, { draft, wanted, signal })) {
        await rename(draft, into);
        return true;
      }
    } finally {
      if (!isResumed) await rm(draft, { force: true });
    }
    await rm(draft, { force: true });
    const now = await store.head(key);
    damaged = now?.sha256 === wanted.sha256 ? damaged + 1 : 0;
    if (damaged > 1) throw damagedFile(`${store.uri}/${key}`, wanted.sha256);
    wanted = now;
  }
  return false;
}

function damagedFile(where: string, sha256: string): Error {
  return problem('StorageDamaged', {
    what: `The file's checksum is not the one that it was stored with (SHA-256 ${sha256}).`,
    where,
    todo: 'Remove the damaged file from the store, and reset the run to the step that made it.',
  });
}

interface Reception {
  draft: string;
  wanted: { bytes: number; sha256: string };
  signal: AbortSignal | undefined;
}

/** False when what came is something else. */
async function receive(store: Store, key: string, { draft, wanted, signal }: Reception): Promise<boolean> {
  const there = (await unlessMissing(stat(draft)))?.size ?? 0;
  const from = there < wanted.bytes ? there : 0;
  const options = { from, ...(signal ? { signal } : {}) };
  try {
    if (there !== wanted.bytes || there === 0)
      await pipeline(await store.read(key, options), createWriteStream(draft, { flags: from > 0 ? 'a' : 'w' }), {
        ...(signal ? { signal } : {}),
      });
  } catch (error) {
    throw noSpace(error, draft) ?? error;
  }
  const { size } = await stat(draft);
  return size === wanted.bytes && (await sha256OfFile(draft, size, signal)) === wanted.sha256;
}
