import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { blinded } from '../../../activities/vlm/blinded.js';
import type { Item } from '../../../activities/vlm/items.js';

function itemOf(id: string, images: string[]): Item {
  const nothing = { slice: null, answerKind: null, format: null, asItStands: false, messages: [] };
  return { id, group: id, question: 'What?', image: null, expected: id, images, ...nothing };
}

describe('blinded', () => {
  it('gives every item the pictures of another one with as many, always the same', async () => {
    const items = Array.from({ length: 20 }, (_, index) =>
      itemOf(`i${index}`, index < 15 ? [`${index}.png`] : [`${index}.png`, `${index}b.png`]),
    );
    const shown = await blinded(items, 'swapped', { seed: 1, folder: '/nowhere' });
    expect(shown.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    for (const [index, { images }] of shown.entries()) {
      expect(images).not.toEqual(items[index]?.images);
      expect(images).toHaveLength(items[index]?.images.length ?? 0);
    }
    expect(new Set(shown.flatMap(({ images }) => images)).size).toBe(25);
    expect(await blinded(items, 'swapped', { seed: 1, folder: '/nowhere' })).toEqual(shown);
    expect(await blinded(items, 'own', { seed: 1, folder: '/nowhere' })).toEqual(items);
  });

  it('shows grey pictures of the same sizes', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'anneal-blind-'));
    const file = path.join(folder, 'red.png');
    await sharp({ create: { width: 40, height: 24, channels: 3, background: 'red' } })
      .png()
      .toFile(file);
    const [shown] = await blinded([itemOf('a', [file, file])], 'blank', { seed: 1, folder: path.join(folder, 'made') });
    expect(shown?.images).toHaveLength(2);
    const { width, height } = await sharp(shown?.images[0]).metadata();
    const { channels } = await sharp(shown?.images[0]).stats();
    expect({ width, height, means: channels.map(({ mean }) => mean) }).toEqual({
      width: 40,
      height: 24,
      means: [128, 128, 128],
    });
  });
});
