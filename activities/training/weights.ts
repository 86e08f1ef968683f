/** Whether the weights in a folder are all there, by names, headers and lengths: the same words as the trainer's own check. */
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isThere } from '../processes/there.js';
import { readJson } from '../storage/files.js';

const Index = z.looseObject({ weight_map: z.record(z.string(), z.string()) });
const Header = z.record(z.string(), z.looseObject({ data_offsets: z.tuple([z.int(), z.int()]).optional() }));

/** The index of a model in several files, and the names of those files. */
const indexName = 'model.safetensors.index.json';
const shard = /^model-\d+-of-\d+\.safetensors$/;

/** Bytes of the longest header that is believed. */
const longestHeader = 100_000_000;

/** What is wrong with the weights of a model, a checkpoint or an adapter; null when all of them are there, whole. */
export async function weightsFault(folder: string): Promise<string | null> {
  const names = (await readdir(folder)).sort();
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  if (weights.length === 0) {
    const left = names.find((name) => name.endsWith('.pt'));
    return `it holds no weights (*.safetensors)${left ? `, only ${left} and the like` : ''}`;
  }
  for (const name of weights) {
    if (!(await isComplete(path.join(folder, name)))) return `${name} is cut off or no safetensors file`;
  }
  if (names.includes(indexName)) {
    const index = Index.safeParse(await readJson(path.join(folder, indexName)).catch(() => null));
    if (!index.success) return `${indexName} is unreadable`;
    const shards = [...new Set(Object.values(index.data.weight_map))].sort();
    const missing = shards.find((name) => !weights.includes(name));
    if (missing) return `it lacks the weight file ${missing}, one of ${shards.length} that ${indexName} names`;
  } else if (weights.some((name) => shard.test(name))) {
    return `its weights are in parts, and ${indexName}, which says in how many, is missing`;
  }
  const adapter = weights.some((name) => name.startsWith('adapter_'));
  if (adapter && !names.includes('adapter_config.json')) return 'adapter_config.json is missing';
  return null;
}

/** Whether the weight files of two folders are the same, byte for byte. */
export async function sameWeights(one: string, other: string): Promise<boolean> {
  const weightsOf = async (folder: string) =>
    (await isThere(folder)) ? (await readdir(folder)).filter((name) => name.endsWith('.safetensors')).sort() : [];
  const [left, right] = await Promise.all([weightsOf(one), weightsOf(other)]);
  if (left.length === 0 || left.join() !== right.join()) return false;
  for (const name of left) {
    if (!(await sameBytes(path.join(one, name), path.join(other, name)))) return false;
  }
  return true;
}

async function sameBytes(one: string, other: string): Promise<boolean> {
  if ((await stat(one)).size !== (await stat(other)).size) return false;
  const [left, right] = await Promise.all([open(one), open(other)]);
  try {
    const buffers = [Buffer.alloc(2 ** 20), Buffer.alloc(2 ** 20)] as const;
    for (;;) {
      const { bytesRead } = await left.read(buffers[0]);
      if (bytesRead === 0) return true;
      await right.read(buffers[1], 0, bytesRead);
      if (!buffers[0].subarray(0, bytesRead).equals(buffers[1].subarray(0, bytesRead))) return false;
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

/** Whether a safetensors file is as long as its header says: 8 bytes of length, the header, the tensors. */
async function isComplete(file: string): Promise<boolean> {
  const { size } = await stat(file);
  const handle = await open(file);
  try {
    const start = await handle.read(Buffer.alloc(8), 0, 8, 0);
    if (start.bytesRead < 8) return false;
    const length = Number(start.buffer.readBigUInt64LE());
    if (length > Math.min(size - 8, longestHeader)) return false;
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, 8);
    const header = Header.safeParse(parsed(buffer.toString()));
    if (!header.success) return false;
    const ends = Object.values(header.data).map((entry) => entry.data_offsets?.[1] ?? 0);
    return size === 8 + length + Math.max(0, ...ends);
  } finally {
    await handle.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
