import { afterAll, describe, expect, it } from '@jest/globals';
import { openDataset } from '../../../activities/data/dataset.js';
import { diffDatasets } from '../../../activities/data/diff/diffDatasets.js';
import { diffPage } from '../../../activities/data/diff/page.js';
import { freshFolder, removeFreshFolders } from './build.js';
import { asked, rejected, type Stored, used, writeStored } from './storedDataset.js';

afterAll(removeFreshFolders);

async function compared(before: Stored, after: Stored) {
  const [one, other] = [freshFolder(), freshFolder()];
  await writeStored(one, before);
  await writeStored(other, after);
  return diffDatasets(await openDataset(one), await openDataset(other), () => undefined);
}

describe('two builds compared', () => {
  it('are alike when nothing differs', async () => {
    const build: Stored = {
      records: { train: [asked('a'), asked('b')] },
      ledger: [used('a', 'train'), used('b', 'train')],
    };
    const diff = await compared(build, build);
    expect(diff).toMatchObject({
      same: 2,
      added: { count: 0 },
      changed: { count: 0 },
      moved: { count: 0 },
      fates: { count: 0 },
    });
  });

  it('tell what was added, removed, changed and how', async () => {
    const before = { train: [asked('gone'), asked('answer'), asked('question'), asked('picture'), asked('group')] };
    const after = {
      train: [
        asked('new', { answer: 'a line' }),
        asked('answer', { answer: 'a line' }),
        asked('question', { question: 'What?' }),
        asked('picture', { images: ['images/line.png'] }),
        asked('group', { group: 'another' }),
      ],
    };
    const diff = await compared({ records: before }, { records: after });
    expect(diff.added.first).toEqual([{ id: 'new', split: 'train', answer: 'a line' }]);
    expect(diff.removed.first).toEqual([{ id: 'gone', split: 'train', answer: 'a dot' }]);
    expect(diff.parts).toEqual({ answer: 1, question: 1, pictures: 1, rest: 1 });
    expect(diff.changed.first).toContainEqual({ id: 'answer', parts: ['answer'], before: 'a dot', after: 'a line' });
    expect(diff.same).toBe(0);
  });

  it('see no change where only the folders of the pictures differ', async () => {
    const diff = await compared(
      { records: { train: [asked('a', { images: ['images/abc.png'] })] } },
      { records: { train: [asked('a', { images: ['images/ab/abc.png'] })] } },
    );
    expect(diff.same).toBe(1);
  });

  it('tell a record that moved to another split, and the page warns of it', async () => {
    const diff = await compared({ records: { test: [asked('a')] } }, { records: { train: [asked('a')] } });
    expect(diff.moved.first).toEqual([{ id: 'a', before: 'test', after: 'train' }]);
    expect(diffPage(diff)).toContain('1 record moved between splits');
    expect(diffPage(diff)).toContain('class="notice bad"');
  });

  it('tell a row whose fate is another, with ids or without', async () => {
    const before = [used('a', 'train', 1), rejected(2, 'imageNotFound'), used('c', 'train', 3)];
    const after = [{ ...rejected(1, 'tooLong'), id: 'a' }, rejected(2, 'imageDamaged'), used('c', 'train', 3)];
    const diff = await compared({ ledger: before }, { ledger: after });
    expect(diff.fates.first).toEqual(
      expect.arrayContaining([
        { row: 'a', before: 'used', after: 'rejected: tooLong' },
        { row: 'rows.jsonl:2', before: 'rejected: imageNotFound', after: 'rejected: imageDamaged' },
      ]),
    );
    expect(diff.fates.count).toBe(2);
  });

  it('put the figures of both side by side', async () => {
    const diff = await compared({ ledger: [rejected(1, 'tooLong')] }, { ledger: [] });
    expect(diff.figures).toContainEqual({ name: 'not used: tooLong', one: 1, other: 0 });
  });

  it('show what a record holds as text, never as HTML', async () => {
    const diff = await compared({}, { records: { train: [asked('<script>x', { answer: '<img src=x>' })] } });
    expect(diffPage(diff)).not.toMatch(/<img|<script/);
  });
});
