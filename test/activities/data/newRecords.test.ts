import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { createDatasetActivities } from '../../../activities/data/index.js';
import { Sample } from '../../../activities/data/news/sample.js';
import { toPath, toUri, writeWhole } from '../../../activities/storage/files.js';
import { readItems } from '../../../activities/vlm/items.js';
import type { DatasetRef, TaskRecord } from '../../../config/records.js';
import { RecipeSettings } from '../../../config/settings.js';
import { uniformFrom } from '../../../workflows/policies/statistics/random.js';
import { freshFolder, removeFreshFolders, tinyModel } from './build.js';

afterAll(removeFreshFolders);

const labels = ['cat', 'dog', 'hen'];
const { buildDatasetFolder, findNewRecords } = createDatasetActivities({ heartbeat: () => undefined });

/** Records of noise pictures, each its own; `label` and `brightness` may follow from the number. */
async function rows(
  root: string,
  numbers: number[],
  { label = (n: number) => labels[n % 3] as string, brightness = 128 } = {},
): Promise<string[]> {
  return Promise.all(
    numbers.map(async (number) => {
      const uniform = uniformFrom(number + 1);
      const pixels = Buffer.from(Array.from({ length: 32 * 32 }, () => (brightness * (0.5 + uniform())) % 256));
      const image = `pictures/${number}.png`;
      await writeWhole(
        path.join(root, image),
        await sharp(pixels, { raw: { width: 32, height: 32, channels: 1 } })
          .png()
          .toBuffer(),
      );
      return JSON.stringify({ id: `r${number}`, image, question: 'Which?', answer: label(number) });
    }),
  );
}

async function build(root: string, lines: string[]): Promise<DatasetRef> {
  await writeWhole(path.join(root, 'records.jsonl'), `${lines.join('\n')}\n`);
  const fields = { id: 'id', image: 'image', question: 'question', answer: 'answer' };
  return buildDatasetFolder({
    source: {
      name: 'pets',
      files: [{ path: path.join(root, 'records.jsonl') }],
      root,
      format: 'jsonl',
      fields,
      question: null,
      answer: { kind: 'label', labels },
      unanswered: 'declared',
    },
    model: tinyModel,
    settings: RecipeSettings.parse({}).data,
    seed: 1,
    into: toUri(path.join(root, 'datasets')),
  });
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('findNewRecords', () => {
  it('finds what is new in any split, and test items whose pictures can be read from where they are listed', async () => {
    const root = freshFolder();
    const old = await rows(root, numbers(0, 60));
    const before = await build(root, old);
    const now = await build(root, [...old, ...(await rows(root, numbers(60, 140)))]);
    const into = toUri(root);
    const found = await findNewRecords({ dataset: now.uri, before: before.uri, seed: 1, driftAlpha: 0.01, into });
    expect(found.trainBefore).toBe(before.bySplit.train);
    expect(found.train).toBe((now.bySplit.train ?? 0) - (before.bySplit.train ?? 0));
    expect(found.window).toBe((now.bySplit.test ?? 0) - (before.bySplit.test ?? 0));
    expect(found.window).toBeGreaterThan(5);
    expect(found.drift.verdict).toBe('same');
    const items = await readItems(found.windowUri);
    expect(items).toHaveLength(found.window);
    for (const { id, images } of items) {
      expect(Number(id.slice(1))).toBeGreaterThanOrEqual(60);
      expect((await readFile(images[0] as string)).byteLength).toBeGreaterThan(0);
    }
  });

  it('takes a corrected answer or another id for no new record', async () => {
    const root = freshFolder();
    const old = await rows(root, numbers(0, 60));
    const before = await build(root, old);
    const changed = old.map((line, index) =>
      index < 30 ? line.replace(/"id":"r/, '"id":"renamed-') : line.replace(/"answer":"\w+"/, '"answer":"cat"'),
    );
    const now = await build(root, changed);
    expect(now.digest).not.toBe(before.digest);
    const into = toUri(root);
    const found = await findNewRecords({ dataset: now.uri, before: before.uri, seed: 1, driftAlpha: 0.01, into });
    expect(found).toMatchObject({ train: 0, window: 0, drift: { verdict: 'cannotTell' } });
    expect(await readFile(toPath(found.windowUri), 'utf8')).toBe('');
  });

  it.each([
    ['pictures that are darker', { brightness: 60 }, 'brightness'],
    ['labels of which one is nearly all', { label: () => 'hen' }, 'answers'],
  ])('calls it drift where new records have %s', async (_, change, feature) => {
    const root = freshFolder();
    const old = await rows(root, numbers(0, 60));
    const before = await build(root, old);
    const now = await build(root, [...old, ...(await rows(root, numbers(60, 120), change))]);
    const into = toUri(root);
    const { drift } = await findNewRecords({ dataset: now.uri, before: before.uri, seed: 1, driftAlpha: 0.01, into });
    expect(drift).toMatchObject({ verdict: 'drifted', reason: expect.stringContaining(feature) });
  });

  it('names a dataset that is gone', async () => {
    const root = freshFolder();
    const now = await build(root, await rows(root, numbers(0, 30)));
    const gone = toUri(path.join(root, 'gone'));
    const looking = findNewRecords({ dataset: now.uri, before: gone, seed: 1, driftAlpha: 0.01, into: toUri(root) });
    await expect(looking).rejects.toMatchObject({ problem: { type: 'InvalidInput' } });
  });
});

describe('Sample', () => {
  const record = (group: number, number: number): TaskRecord => ({
    id: `${group}-${number}`,
    group: `g${group}`,
    images: [],
    messages: [{ role: 'assistant', content: [{ type: 'text', text: 'a' }] }],
  });
  const all = numbers(0, 200).flatMap((group) => numbers(0, 1 + (group % 3)).map((number) => record(group, number)));
  const sampleOf = (records: TaskRecord[], groups: number) => {
    const sample = new Sample(1, groups);
    for (const each of records) sample.add(each);
    return sample.records.map(({ id }) => id);
  };

  it('keeps one record of so many groups, the same ones in whatever order they come', () => {
    const kept = sampleOf(all, 40);
    expect(kept).toHaveLength(40);
    expect(new Set(kept.map((id) => id.split('-')[0])).size).toBe(40);
    expect(sampleOf(all.toReversed(), 40)).toEqual(kept);
  });

  it('keeps all groups where there are fewer', () => expect(sampleOf(all, 500)).toHaveLength(200));
});
