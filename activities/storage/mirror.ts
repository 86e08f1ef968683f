/**
 * The project's `.anneal` on this disk as a mirror of a store. Activities work on local files; what they need is brought
 * before, what they made is sent after. Every path here has its place in the store, so relative paths hold on any machine.
 */
import { createReadStream } from 'node:fs';
import { opendir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import pMap from 'p-map';
import { unlessMissing } from '../processes/there.js';
import { Digests } from './digests.js';
import { fetchFile } from './fetchFile.js';
import { toPath } from './files.js';
import type { Store, StoredFile } from './store.js';

/** Files on their way at once. */
const filesAtOnce = 16;
/** Of this machine alone: drafts, locks, and who runs here. */
const ofThisMachine =
  /(^|[/.])(partial|lock|pid\.json|server\.json)$|\.partial\/|\.process\.json$|(^|\/)\.[^/]*$|\.[0-9a-f-]{36}$/;
/** What of a job folder is taken away while it goes on: checkpoints, and how it stopped before it was resumed. */
const removable = ['checkpoints', 'stop.json', 'result.json'];
/** A name that is the digest of the content: the same name and size are the same file. */
const namedByDigest = /(^|\/)[0-9a-f]{32,64}\.\w+$/;

export class Mirror {
  private readonly store: Store;
  private readonly folder: string;
  private readonly folderUri: string;
  private readonly digests = new Digests();
  /** By their place here. */
  private readonly coming = new Map<string, Promise<boolean>>();

  /** `folder` need not be there yet. */
  constructor(store: Store, folder: string) {
    this.store = store;
    this.folder = path.resolve(folder);
    this.folderUri = pathToFileURL(this.folder).href;
  }

  /** The value with URIs of the store as URIs of this disk. */
  toLocal<Value>(value: Value): Value {
    return replaced(value, this.store.uri, this.folderUri) as Value;
  }

  /** The value with URIs of this disk's mirror as URIs of the store. */
  toStored<Value>(value: Value): Value {
    return replaced(value, this.folderUri, this.store.uri) as Value;
  }

  /**
   * Makes files be here as they are in the store: one file, all of a folder, or with a `*` at its end all that begin so. A
   * file of lines that is longer here is ahead of the store and stays. What the store lacks is no fault here: the
   * activity says what it misses.
   */
  async bring(target: string, signal?: AbortSignal): Promise<void> {
    await this.fetchAll(target, signal, async (there, here) => !(await this.isAsStored(there, here, signal)));
  }

  /**
   * Takes up state that an activity of another machine may have begun. Of a job folder nothing is brought while its last
   * attempt is of this machine: what is here is ahead, and what is missing here was taken away. Once a job was attempted
   * elsewhere, its folder becomes as it is there; claims come last, so that a take-up that breaks off is begun anew. Of
   * anything else (`*`) what is here stays, but for lines that are fewer than there.
   */
  async takeUp(target: string, signal?: AbortSignal): Promise<void> {
    if (target.endsWith('*'))
      return this.fetchAll(target, signal, async ({ key, bytes }, here) => {
        const size = await sizeOf(here);
        return size === null || (key.endsWith('.jsonl') && size < bytes);
      });
    if (!(await this.hasLaterAttempt(target))) return;
    const isClaim = ({ key }: StoredFile) => path.posix.basename(path.posix.dirname(key)) === 'attempts';
    const isOther = async (there: StoredFile, here: string) => !(await this.isEqual(there, here, signal));
    await this.fetchAll(target, signal, async (there, here) => !isClaim(there) && (await isOther(there, here)));
    await this.removeForeign(target);
    await this.fetchAll(target, signal, async (there, here) => isClaim(there) && (await isOther(there, here)));
  }

  /** Whether a job folder or file is here at all. */
  async isHere(target: string): Promise<boolean> {
    return (await sizeOf(this.pathOf(target))) !== null;
  }

  /**
   * Sends such state, without checkpoints that are being written; what a trainer has removed goes from the store too, after
   * the rest is there. A machine whose job goes on elsewhere sends nothing.
   */
  async keep(target: string, signal?: AbortSignal): Promise<void> {
    if (target.endsWith('*')) return this.send(target, signal);
    if (await this.hasLaterAttempt(target)) return;
    const gone = (await Promise.all(removable.map((name) => this.goneHere(`${target}/${name}`)))).flat();
    await this.send(target, signal, (folder) => isUnfinished(folder));
    for (const key of gone) await this.store.remove(key);
  }

  /** A file of records, and the pictures that it names. */
  async bringRecords(file: string, signal?: AbortSignal): Promise<void> {
    await this.bring(file, signal);
    const local = this.pathOf(file);
    if ((await sizeOf(local)) === null) return;
    const wanted = new Set<string>();
    for await (const line of createInterface({ input: createReadStream(local) })) {
      const { images = [] } = line.trim() === '' ? {} : (JSON.parse(line) as { images?: string[] });
      for (const image of images) wanted.add(path.resolve(path.dirname(local), image));
    }
    await pMap([...wanted], (picture) => this.bringAbsent(picture, signal), { concurrency: filesAtOnce });
  }

  /** One file, if it is not here; for files that never change. */
  async bringAbsent(file: string, signal?: AbortSignal): Promise<void> {
    const here = this.pathOf(file);
    const key = this.keyOf(here);
    if (key !== null && (await sizeOf(here)) === null) await this.fetch(key, here, signal);
  }

  /** Puts files into the store; what is there by checksum is not sent again. Targets are as for `bring`. */
  async send(target: string, signal?: AbortSignal, leftOut: LeftOut = () => Promise.resolve(false)): Promise<void> {
    const prefix = this.prefixOf(target);
    if (prefix === null) return;
    const there = new Map<string, number>();
    for await (const { key, bytes } of this.store.list(prefix.key)) there.set(key, bytes);
    const files: string[] = [];
    for await (const file of this.walk(prefix, leftOut)) files.push(file);
    await pMap(files, (file) => this.sendFile(file, there, signal), { concurrency: filesAtOnce });
  }

  /** Takes files out of the store that are not here any more. */
  async prune(target: string): Promise<void> {
    for (const key of await this.goneHere(target)) await this.store.remove(key);
  }

  private async goneHere(target: string): Promise<string[]> {
    const prefix = this.prefixOf(target);
    const gone: string[] = [];
    if (prefix === null) return gone;
    for await (const { key } of this.store.list(prefix.key))
      if (isMeant(prefix, key) && (await sizeOf(this.fileOf(key))) === null) gone.push(key);
    return gone;
  }

  /** Removes what is in a folder here and not there, such as the result of an attempt that was resumed elsewhere. */
  private async removeForeign(target: string): Promise<void> {
    const prefix = this.prefixOf(target);
    if (prefix === null) return;
    const there = new Set<string>();
    for await (const { key } of this.store.list(prefix.key)) there.add(key);
    for await (const file of this.walk(prefix, () => Promise.resolve(false)))
      if (!there.has(this.keyOf(file) ?? '')) await rm(file, { force: true });
  }

  /** False when the store has one already. What is here is then what the store has. */
  async sendOnce(file: string, content: string): Promise<boolean> {
    const here = this.pathOf(file);
    const key = this.keyOf(here);
    if (key === null) throw new Error(`${here} is not in ${this.folder}`);
    const first = await this.store.putIfAbsent(key, content);
    await this.bring(here);
    return first;
  }

  /** Whether the store has a file of this name, or files in such a folder. */
  async isStored(target: string): Promise<boolean> {
    const prefix = this.prefixOf(target);
    if (prefix !== null) for await (const { key } of this.store.list(prefix.key)) if (isMeant(prefix, key)) return true;
    return false;
  }

  /** Names of the folders directly in one, in the store. */
  async foldersIn(folder: string): Promise<string[]> {
    const key = this.keyOf(this.pathOf(folder));
    const names: string[] = [];
    if (key !== null) for await (const name of this.store.folders(key)) names.push(name);
    return names;
  }

  /** What the store has at a file's place, where that differs from what is here; null where it does not, or has nothing. */
  async textThatDiffers(file: string): Promise<string | null> {
    const here = this.pathOf(file);
    const key = this.keyOf(here) ?? '';
    const stored = await this.store.head(key);
    if (stored === null || (await this.isAsStored({ key, bytes: stored.bytes }, here))) return null;
    return text(await this.store.read(key));
  }

  private async hasLaterAttempt(target: string): Promise<boolean> {
    const key = this.keyOf(this.pathOf(target));
    let last: { number: number; key: string } = { number: 0, key: '' };
    for await (const file of this.store.list(`${key}/attempts/`)) {
      const number = Number(/(\d+)\.json$/.exec(file.key)?.[1] ?? 0);
      if (number > last.number) last = { number, key: file.key };
    }
    return last.number > 0 && (await sizeOf(this.fileOf(last.key))) === null;
  }

  private async fetchAll(
    target: string,
    signal: AbortSignal | undefined,
    isWanted: (there: StoredFile, here: string) => Promise<boolean>,
  ): Promise<void> {
    const prefix = this.prefixOf(target);
    if (prefix === null) return;
    const meant: StoredFile[] = [];
    for await (const file of this.store.list(prefix.key)) if (isMeant(prefix, file.key)) meant.push(file);
    const fetchOne = async (file: StoredFile) => {
      const here = this.fileOf(file.key);
      if (await isWanted(file, here)) await this.fetch(file.key, here, signal);
    };
    await pMap(meant, fetchOne, { concurrency: filesAtOnce });
  }

  /** Two that want the same file write into the same draft: one after the other. */
  private async fetch(key: string, here: string, signal?: AbortSignal): Promise<void> {
    for (let other = this.coming.get(here); other !== undefined; other = this.coming.get(here))
      await Promise.allSettled([other]);
    const work = fetchFile(this.store, key, here, signal);
    this.coming.set(here, work);
    await work.finally(() => this.coming.delete(here));
  }

  private async isAsStored(there: StoredFile, here: string, signal?: AbortSignal): Promise<boolean> {
    const size = await sizeOf(here);
    if (size !== null && there.key.endsWith('.jsonl') && size > there.bytes) return true;
    return this.isEqual(there, here, signal);
  }

  private async isEqual({ key, bytes }: StoredFile, here: string, signal?: AbortSignal): Promise<boolean> {
    if ((await sizeOf(here)) !== bytes) return false;
    if (namedByDigest.test(key)) return true;
    const [stored, local] = await Promise.all([this.store.head(key), this.digests.of(here, signal)]);
    return stored?.sha256 === local.sha256;
  }

  private async sendFile(file: string, there: Map<string, number>, signal?: AbortSignal): Promise<void> {
    const key = this.keyOf(file) ?? '';
    if (namedByDigest.test(key) && there.has(key) && there.get(key) === (await sizeOf(file))) return;
    const found = await unlessMissing(this.digests.of(file, signal));
    if (found === null) return; // a trainer removes all but its last checkpoints, at any moment
    if (there.get(key) === found.bytes && (await this.store.head(key))?.sha256 === found.sha256) return;
    try {
      await this.store.put(key, { path: file, bytes: found.bytes, sha256: found.sha256 }, signal);
    } catch (error) {
      if ((await sizeOf(file)) !== null) throw error;
      await this.store.abandon(key);
    }
  }

  private async *walk({ key: start, open }: Prefix, leftOut: LeftOut): AsyncGenerator<string> {
    const named = this.fileOf(start);
    const found = open ? null : await unlessMissing(stat(named));
    if (found?.isFile()) yield named;
    else if (found?.isDirectory()) yield* this.walkFolder(named, () => true, leftOut);
    else if (open) yield* this.walkFolder(path.dirname(`${named}x`), (key) => key.startsWith(start), leftOut);
  }

  private async *walkFolder(folder: string, isIn: (key: string) => boolean, leftOut: LeftOut): AsyncGenerator<string> {
    const entries = await unlessMissing(opendir(folder));
    if (entries === null) return;
    for await (const entry of entries) {
      const file = path.join(folder, entry.name);
      const key = this.keyOf(file) ?? '';
      if (!isIn(key) || ofThisMachine.test(key)) continue;
      if (entry.isFile()) yield file;
      else if (entry.isDirectory() && !(await leftOut(file))) yield* this.walkFolder(file, () => true, leftOut);
    }
  }

  /** null for what lies outside of the mirror. */
  private prefixOf(target: string): Prefix | null {
    const open = target.endsWith('*');
    const key = this.keyOf(this.pathOf(open ? target.slice(0, -1) : target));
    return key === null ? null : { key, open };
  }

  private pathOf(target: string): string {
    return path.resolve(toPath(this.toLocal(target)));
  }

  private fileOf(key: string): string {
    return path.join(this.folder, ...key.split('/'));
  }

  private keyOf(file: string): string | null {
    const relative = path.relative(this.folder, file);
    const inside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
    return inside ? relative.split(path.sep).join('/') : null;
  }
}

/** Whether a folder is not sent. */
type LeftOut = (folder: string) => Promise<boolean>;

/** A checkpoint without its mark, which is written last. */
async function isUnfinished(folder: string): Promise<boolean> {
  return /^checkpoint-\d+$/.test(path.basename(folder)) && (await sizeOf(path.join(folder, 'whole.json'))) === null;
}

interface Prefix {
  key: string;
  /** Anything that begins so is meant, rather than a file or folder of that name. */
  open: boolean;
}

function isMeant(prefix: Prefix, key: string): boolean {
  return prefix.open || key === prefix.key || key.startsWith(`${prefix.key}/`);
}

async function sizeOf(file: string): Promise<number | null> {
  return (await unlessMissing(stat(file)))?.size ?? null;
}

function replaced(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string')
    return value === from || value.startsWith(`${from}/`) ? to + value.slice(from.length) : value;
  if (Array.isArray(value)) return value.map((each) => replaced(each, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each, from, to)]));
}
