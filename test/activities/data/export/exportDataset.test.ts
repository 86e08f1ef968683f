import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openDataset } from '../../../../activities/data/dataset.js';
import { exportDataset } from '../../../../activities/data/export/exportDataset.js';
import type { ExportFormat } from '../../../../activities/data/export/formats.js';
import { freshFolder, removeFreshFolders } from '../build.js';
import { asked, type Stored, used, writeStored } from '../storedDataset.js';

afterAll(removeFreshFolders);

async function exported(stored: Stored, to: ExportFormat, absolute = false) {
  const folder = freshFolder();
  const into = path.join(freshFolder(), 'deep', 'out');
  await writeStored(folder, stored);
  const dataset = await openDataset(folder);
  const manifest = await exportDataset({ dataset, to, into, absolute, heartbeat: () => undefined });
  const lines = (name: string) =>
    readFileSync(path.join(into, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { folder, into, manifest, lines };
}

const three: Stored = {
  records: {
    train: [asked('a'), asked('b', { rejected: 'a line', images: ['images/ab/line.png'] })],
    test: [asked('c', { question: 'Write "<image>".' })],
  },
  ledger: [used('a', 'train'), used('b', 'train'), used('c', 'test')],
};

describe('an export', () => {
  it('has one file a split that has rows, pairs in files of their own, and counts that add up', async () => {
    const { into, manifest, lines } = await exported(three, 'trl');
    expect(manifest.counts).toEqual({ records: 3, answers: 3, pairs: 1, refused: 0, byReason: {} });
    expect(manifest.files.map(({ name, rows, pairs }) => [name, rows, pairs])).toEqual([
      ['train.jsonl', 2, false],
      ['train-preference.jsonl', 1, true],
      ['test.jsonl', 1, false],
    ]);
    expect(lines('origins.jsonl').map(({ file, row, id }) => [file, row, id])).toEqual([
      ['train.jsonl', 1, 'a'],
      ['train.jsonl', 2, 'b'],
      ['train-preference.jsonl', 1, 'b'],
      ['test.jsonl', 1, 'c'],
    ]);
    expect(JSON.parse(readFileSync(path.join(into, 'export.json'), 'utf8'))).toEqual(manifest);
  });

  it('says which records the format can’t hold, and what mends it', async () => {
    const { manifest, lines } = await exported(three, 'ms-swift');
    expect(manifest.counts).toMatchObject({ records: 3, answers: 2, refused: 1, byReason: { placeholderInText: 1 } });
    expect(lines('refused.jsonl')).toEqual([
      { id: 'c', split: 'test', reason: 'placeholderInText', detail: expect.any(String), remedy: expect.any(String) },
    ]);
  });

  it('of pairs alone leaves the other records out by name', async () => {
    const { manifest } = await exported(three, 'openai-dpo');
    expect(manifest.counts).toEqual({ records: 3, answers: 0, pairs: 1, refused: 2, byReason: { noWorseAnswer: 2 } });
  });

  it('brings its pictures with it, the same files under a second name', async () => {
    const { folder, into, lines } = await exported(three, 'llama-factory');
    expect(lines('train.jsonl').map(({ images }) => images)).toEqual([['images/dot.png'], ['images/ab/line.png']]);
    for (const picture of ['images/dot.png', 'images/ab/line.png'])
      expect(statSync(path.join(into, picture)).ino).toBe(statSync(path.join(folder, picture)).ino);
    expect(existsSync(path.join(into, 'dataset_info.json'))).toBe(true);
  });

  it('with absolute paths copies no picture', async () => {
    const { folder, into, lines } = await exported(three, 'trl', true);
    expect(lines('train.jsonl')[0].images).toEqual([path.join(folder, 'images/dot.png')]);
    expect(existsSync(path.join(into, 'images'))).toBe(false);
  });

  it('to OpenAI carries the pictures inside, and refuses a record of eleven', async () => {
    const eleven = asked('many', { images: Array(11).fill('images/dot.png') });
    eleven.messages[0]?.content.push(
      ...Array.from({ length: 10 }, (_, index) => ({ type: 'image' as const, image: index + 1 })),
    );
    const { folder, manifest, lines } = await exported({ records: { train: [asked('a'), eleven] } }, 'openai');
    const url = `data:image/png;base64,${readFileSync(path.join(folder, 'images/dot.png')).toString('base64')}`;
    expect(lines('train.jsonl')[0].messages[0].content[0]).toEqual({ type: 'image_url', image_url: { url } });
    expect(manifest.counts).toMatchObject({ answers: 1, byReason: { tooManyPictures: 1 } });
  });

  it('overwrites nothing, and leaves nothing half made', async () => {
    const folder = freshFolder();
    await writeStored(folder, three);
    const parent = freshFolder();
    const into = path.join(parent, 'mine');
    const options = { dataset: await openDataset(folder), to: 'trl' as const, into, absolute: false };
    const fails = () => {
      throw new Error('stop');
    };
    await expect(exportDataset({ ...options, heartbeat: fails })).rejects.toThrow('stop');
    expect(readdirSync(parent)).toEqual([]);
    await exportDataset({ ...options, heartbeat: () => undefined });
    writeFileSync(path.join(into, 'notes.txt'), 'mine');
    await expect(exportDataset({ ...options, heartbeat: () => undefined })).rejects.toThrow('holds something already');
  });

  it('says where no dataset is', async () => {
    await expect(openDataset(freshFolder())).rejects.toThrow('the folder has no manifest.json');
  });
});
