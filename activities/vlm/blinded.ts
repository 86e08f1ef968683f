/** Pictures that say nothing of the answer: others' or grey ones. What is still right then was not seen (R9). */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { isThere } from '../processes/there.js';
import { sha256, writeWhole } from '../storage/files.js';
import type { Item } from './items.js';

export type Pictures = 'own' | 'swapped' | 'blank';

/**
 * `swapped`: every item has the pictures of another one with as many, in a ring by the hash of seed and id, so that the same
 * seed always pairs the same. `blank`: grey pictures of the same sizes, written under `folder`.
 */
export async function blinded(
  items: readonly Item[],
  pictures: Pictures,
  { seed, folder }: { seed: number; folder: string },
): Promise<readonly Item[]> {
  if (pictures === 'own') return items;
  return pictures === 'swapped' ? swapped(items, seed) : Promise.all(items.map((item) => blank(item, folder)));
}

function swapped(items: readonly Item[], seed: number): Item[] {
  const hash = ({ id }: Item) => sha256(`swapped\0${seed}\0${id}`);
  const ranked = items.map((item) => ({ item, rank: hash(item) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const partners = new Map<Item, Item>();
  for (const ring of rings(ranked))
    for (const [place, { item }] of ring.entries()) partners.set(item, ring[(place + 1) % ring.length]?.item ?? item);
  return items.map((item) => ({ ...item, images: partners.get(item)?.images ?? item.images }));
}

/** Those with as many pictures, in their order. */
function rings<Ranked extends { item: Item }>(ranked: readonly Ranked[]): Ranked[][] {
  const byCount = new Map<number, Ranked[]>();
  for (const each of ranked)
    byCount.set(each.item.images.length, [...(byCount.get(each.item.images.length) ?? []), each]);
  return [...byCount.values()];
}

async function blank(item: Item, folder: string): Promise<Item> {
  return { ...item, images: await Promise.all(item.images.map((image) => greyLike(image, folder))) };
}

async function greyLike(image: string, folder: string): Promise<string> {
  const { width, height } = await sharp(image).metadata();
  const file = path.join(folder, `grey-${width}x${height}.png`);
  if (await isThere(file)) return file;
  await mkdir(folder, { recursive: true });
  const background = { r: 128, g: 128, b: 128 };
  await writeWhole(
    file,
    await sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer(),
  );
  return file;
}
