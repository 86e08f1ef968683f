/** Clips: folders of frames as the pictures of one record. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { evenly, gapIn, inOrder } from '../../../activities/data/read/clips.js';
import { build, cases, freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

const model = { patch: 16, merge: 2, minimumPixels: 1024, maximumPixels: 128 * 128, contextTokens: 8192 };

/** The case from the field; git keeps no empty folder, so that of the third clip is made. */
function clips(): string {
  const root = freshFolder();
  cpSync(path.join(cases, 'video-frame-folder'), root, { recursive: true });
  mkdirSync(path.join(root, 'clips/c'), { recursive: true });
  return root;
}

async function pixelsOf(root: string, frame: string) {
  const only = freshFolder();
  cpSync(path.join(root, frame), path.join(only, 'f.png'));
  writeFileSync(path.join(only, 'r.jsonl'), '{"image": "f.png", "question": "q", "answer": "a"}');
  return (await build({ root: only, files: ['r.jsonl'] })).records[0]?.images[0];
}

describe('a clip', () => {
  it('has its frames in the order of their numbers, gaps noted, and is rejected by name when empty', async () => {
    const root = clips();
    const made = await build({ root, files: ['labels.jsonl'], model, data: { maximumFrames: 20 } });
    expect(made.ledger.map(({ fate, reason }) => reason ?? fate)).toEqual(['used', 'used', 'clipEmpty']);
    expect(made.ledger[2]?.detail).toContain('clips/c');
    const long = made.records.find(({ images }) => images.length === 10);
    expect(long?.images[1]).toBe(await pixelsOf(root, 'clips/a/f2.png'));
    expect(long?.images[9]).toBe(await pixelsOf(root, 'clips/a/f10.png'));
    expect(made.manifest.counts.repairs).toEqual({ framesMissing: 1 });
    expect(made.manifest.notes.join('\n')).toContain('the clip "clips/b" lacks 1 frame, the first after f2.png');
  });

  it('has as many places as frames kept, whether its question names one place or none', async () => {
    const root = clips();
    const rows = [
      { clip: 'clips/a', question: '<video>\nWhich way?', answer: 'right' },
      { frames: 'clips/a', question: 'Which way at last?', answer: 'right' },
      {
        video: 'clips/a',
        messages: [
          { role: 'user', content: [{ type: 'video' }, { type: 'text', text: 'And so?' }] },
          { role: 'assistant', content: 'right' },
        ],
      },
    ];
    writeFileSync(path.join(root, 'r.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const made = await build({ root, files: ['r.jsonl'], model, data: { maximumFrames: 4 } });
    expect(made.manifest.counts).toMatchObject({ read: 3, used: 3 });
    for (const { images, messages } of made.records) {
      expect(images.length).toBe(4);
      expect(messages[0]?.content.filter(({ type }) => type === 'image').length).toBe(4);
    }
    expect(new Set(made.ledger.map(({ split }) => split)).size).toBe(1);
  });

  it('may be a list of its frames, in the order of the list, also among videos', async () => {
    const root = clips();
    const frames = ['clips/a/f10.png', 'clips/a/f2.png', 'clips/a/f1.png'];
    const rows = [
      { frames, question: 'Which way?', answer: 'left' },
      { video: frames.slice(0, 2), question: '<video>Which way back?', answer: 'left' },
      {
        messages: [
          { role: 'user', content: '<video>And so?' },
          { role: 'assistant', content: 'left' },
        ],
        videos: [frames.slice(1)],
      },
      { frames: [], question: 'q', answer: 'a' },
      { frames: ['v.mp4'], question: 'q', answer: 'a' },
    ];
    writeFileSync(path.join(root, 'r.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const made = await build({ root, files: ['r.jsonl'], model, data: { maximumFrames: 20 } });
    expect(made.ledger.map(({ fate, reason }) => reason ?? fate)).toEqual([
      'used',
      'used',
      'used',
      'clipEmpty',
      'videoNotRead',
    ]);
    const first = made.records.find(({ images }) => images.length === 3);
    expect(first?.images[1]).toBe(await pixelsOf(root, 'clips/a/f2.png'));
  });

  it('in a video file is refused with the command that makes frames', async () => {
    const root = clips();
    writeFileSync(path.join(root, 'r.jsonl'), '{"video": "v.mp4", "question": "q", "answer": "a"}');
    await expect(build({ root, files: ['r.jsonl'] })).rejects.toMatchObject({
      problem: { what: expect.stringContaining('videoNotRead'), todo: expect.stringContaining('ffmpeg') },
    });
  });

  it('is built anew when a frame is added or gone', async () => {
    const root = clips();
    const into = freshFolder();
    const wanted = { root, files: ['labels.jsonl'], model, into };
    const first = await build(wanted);
    expect((await build(wanted)).folder).toBe(first.folder);
    rmSync(path.join(root, 'clips/a/f5.png'));
    expect((await build(wanted)).folder).not.toBe(first.folder);
  });
});

describe('frames', () => {
  it.each([
    [['f1', 'f2', 'f10'], '7 frames, the first after f2'],
    [['f0', 'f5', 'f10', 'f20'], '1 frame, the first after f10'],
    [['a1b', 'a2b', 'a5b'], '2 frames, the first after a2b'],
    [['x', 'y', 'z'], null],
    [['f1', 'f7'], null],
    [['f1', 'f01', 'f2', 'f5'], '2 frames, the first after f2'],
  ])('%j lack %s', (frames, missing) => {
    expect(gapIn(frames)).toBe(missing);
  });

  it('lack none in a clip of hours', () => {
    expect(gapIn(Array.from({ length: 200_000 }, (_, frame) => `f${frame}`))).toBeNull();
  });

  it('are in order whatever the order of the folder', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 60 }), (numbers) => {
        const sorted = inOrder(numbers.map((number) => `f${number}.png`));
        expect(sorted).toEqual([...numbers].sort((one, other) => one - other).map((number) => `f${number}.png`));
      }),
    );
  });

  it('are taken evenly: in order, none twice, the first and last kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 }), (count, most) => {
        const items = Array.from({ length: count }, (_, index) => index);
        const taken = evenly(items, most);
        expect(taken.length).toBe(Math.min(count, most));
        expect(new Set(taken).size).toBe(taken.length);
        expect([...taken].sort((one, other) => one - other)).toEqual(taken);
        if (most > 1) expect([taken[0], taken.at(-1)]).toEqual([0, count - 1]);
        const steps = taken.slice(1).map((each, index) => each - (taken[index] as number));
        if (steps.length > 0) expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
