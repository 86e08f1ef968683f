/**
 * Cuts the concerned records into parts by the hash of their question, so that a record lies in the same shard of the
 * store of answers whenever it is met, and each window knows its records without reading those of the others.
 */
import { appendFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { RewritePlan } from '../../config/rewriting.js';
import { isThere, readIfThere } from '../processes/there.js';
import { noSpace, readJsonLines, sha256, toPath, writeJson } from '../storage/files.js';
import { concerns, datasetItems, RewriteItem } from './items.js';

/** Records of neighbouring shards that one activity handles. */
const Window = z.strictObject({ shards: z.array(z.string()).min(1), records: z.int() });
export type Window = z.infer<typeof Window>;

export const Parts = z.strictObject({
  windows: z.array(Window),
  read: z.int(),
  notConcerned: z.int(),
});
export type Parts = z.infer<typeof Parts>;

const bufferedCharacters = 8 * 1024 * 1024;

/** Writes parts/<shard>.jsonl in the rewriting's folder, once; says which windows they make. Throws DatasetInvalid. */
export async function cutParts(plan: RewritePlan, dataset: string, beat: (read: number) => void): Promise<Parts> {
  const folder = path.join(toPath(plan.folder), 'parts');
  const done = Parts.safeParse(await readIfThere(path.join(folder, 'parts.json')));
  if (done.success) return done.data;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const writer = new PartWriter(partial);
  let read = 0;
  for await (const item of datasetItems(toPath(dataset))) {
    read += 1;
    if (concerns(plan, item)) await writer.write(item);
    beat(read);
  }
  await writer.flush();
  const windows = windowsOf(await limited(partial, writer.counts, plan), plan.windowRecords);
  const concerned = windows.reduce((sum, { records }) => sum + records, 0);
  const parts = { windows, read, notConcerned: read - concerned };
  await writeJson(path.join(partial, 'parts.json'), parts);
  await rm(folder, { recursive: true, force: true });
  await rename(partial, folder);
  return parts;
}

export async function* partItems(plan: RewritePlan, shard: string): AsyncGenerator<RewriteItem> {
  const file = path.join(toPath(plan.folder), 'parts', `${shard}.jsonl`);
  if (!(await isThere(file))) return;
  for await (const line of readJsonLines(file)) yield RewriteItem.parse(line);
}

class PartWriter {
  readonly counts = new Map<string, number>();
  private readonly folder: string;
  private readonly held = new Map<string, string>();
  private characters = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(item: RewriteItem): Promise<void> {
    const shard = shardOf(item);
    const line = `${JSON.stringify(item)}\n`;
    this.counts.set(shard, (this.counts.get(shard) ?? 0) + 1);
    this.held.set(shard, (this.held.get(shard) ?? '') + line);
    this.characters += line.length;
    if (this.characters >= bufferedCharacters) await this.flush();
  }

  async flush(): Promise<void> {
    for (const [shard, text] of this.held) {
      const file = path.join(this.folder, `${shard}.jsonl`);
      await appendFile(file, text).catch((error: unknown) => {
        throw noSpace(error, file) ?? error;
      });
    }
    this.held.clear();
    this.characters = 0;
  }
}

function shardOf({ question }: RewriteItem): string {
  return sha256(question).slice(0, 2);
}

/** Whole shards in the order of their names until the limit is met; the rest of that shard is left out, too. */
async function limited(
  folder: string,
  counts: ReadonlyMap<string, number>,
  { limit }: RewritePlan,
): Promise<[string, number][]> {
  const all = [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
  if (limit === null) return all;
  const kept: [string, number][] = [];
  let left = limit;
  for (const [shard, records] of all) {
    if (left === 0) break;
    if (records > left) await cut(path.join(folder, `${shard}.jsonl`), left);
    kept.push([shard, Math.min(records, left)]);
    left -= Math.min(records, left);
  }
  return kept;
}

async function cut(file: string, records: number): Promise<void> {
  const kept: string[] = [];
  for await (const line of readJsonLines(file)) {
    if (kept.length === records) break;
    kept.push(`${JSON.stringify(line)}\n`);
  }
  await rm(file);
  await appendFile(file, kept.join(''));
}

function windowsOf(shards: readonly [string, number][], size: number): Window[] {
  const windows: Window[] = [];
  for (const [shard, records] of shards) {
    const last = windows.at(-1);
    if (last && last.records + records <= size) {
      last.shards.push(shard);
      last.records += records;
    } else windows.push({ shards: [shard], records });
  }
  return windows;
}
