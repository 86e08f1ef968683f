/** Situations from the field, each with the behaviour that a careful person expects. */
import path from 'node:path';
import { jest } from '@jest/globals';
import sharp from 'sharp';
import { build, cases, fates, removeFreshFolders } from './build.js';

/** A busy machine takes its time over thousands of rows. */
jest.setTimeout(240_000);
afterAll(removeFreshFolders);

const at = (name: string) => path.join(cases, name);

async function pixelsOf(folder: string, image: string) {
  return sharp(path.join(folder, image)).raw().toBuffer({ resolveWithObject: true });
}

describe('placeholders and shapes', () => {
  it('puts one picture without a placeholder before the question, counts it, and asks about an odd key', async () => {
    const made = await build({ root: at('image-tag-missing'), files: ['train.jsonl'] });
    expect(made.manifest.counts).toMatchObject({ read: 3, used: 3, rejected: 0, repairs: { imagePlaced: 2 } });
    for (const { messages } of made.records)
      expect(messages[0]?.content.map((part) => part.type)).toEqual(['image', 'text']);
    expect(made.ref.questions.join('\n')).toMatch(/"role".*r3 at train.jsonl, line 3/);
  });

  it('makes one kind of record of text, parts, parts padded with null, and a data URI', async () => {
    const made = await build({ root: at('content-string-or-list'), files: ['train.jsonl'] });
    expect(fates(made)).toEqual({
      c1: 'used',
      c2: 'sameImageQuestionAnswer',
      c3: 'sameImageQuestionAnswer',
      c4: 'used',
    });
    const c4 = made.records.find(({ id }) => id === 'c4');
    expect(c4?.images).toEqual([expect.stringMatching(/^images\/[0-9a-f]{2}\/[0-9a-f]{64}\.png$/)]);
    expect(c4?.messages[0]?.content).toEqual([
      { type: 'text', text: 'Which colour?' },
      { type: 'image', image: 0 },
    ]);
    expect(JSON.stringify(made.records)).not.toMatch(/base64|null/);
  });

  it('reads a field that changes its type late as text everywhere', async () => {
    const fields = { group: 'lot', kind: 'note', answer: 'lot' };
    const made = await build({ root: at('late-type-drift'), files: ['train.jsonl.gz'], fields });
    expect(made.manifest.counts).toMatchObject({ read: 3000, rejected: 0 });
    const answers = made.records.map(({ messages }) => messages.at(-1)?.content[0]);
    expect(answers).toContainEqual({ type: 'text', text: '7' });
    expect(answers).toContainEqual({ type: 'text', text: '12a' });
  });

  it('recognises an array by its content, tolerates its last comma with a note, and renames the roles', async () => {
    const made = await build({ root: at('json-array-named-jsonl'), files: ['train.jsonl'] });
    expect(made.manifest.counts).toMatchObject({ read: 2, used: 2 });
    expect(made.manifest.notes.join('\n')).toMatch(/train.jsonl, line 30: a comma/);
    expect(made.records[0]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(made.ledger.map(({ line }) => line)).toEqual([2, 16]);
  });

  it('imports good CSV rows with their accents and lists doubtful ones with their lines', async () => {
    const made = await build({ root: at('csv-broken-quoting'), files: ['labels.csv'], fields: { image: 'file' } });
    expect(made.manifest.counts).toMatchObject({ read: 6, used: 3, rejected: 3 });
    expect(made.ledger.filter(({ fate }) => fate === 'rejected').map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'csvColumns'],
      [5, 'csvColumns'],
      [6, 'csvHeaderRepeated'],
    ]);
    const answers = made.records.map(({ messages }) => messages.at(-1)?.content[0]);
    for (const text of ['café', 'blue, dark', 'a disc\non a pale ground'])
      expect(answers).toContainEqual({ type: 'text', text });
    expect(JSON.stringify(made.records)).toContain('Qu’est-ce que c’est ?');
    expect(made.manifest.notes.join('\n')).toContain('windows-1252');
  });

  it('refuses records whose text holds a command to the model, and only those', async () => {
    const made = await build({ root: at('special-tokens-in-text'), files: ['train.jsonl'] });
    const special = 'specialToken';
    expect(fates(made)).toEqual({ s1: special, s2: special, s3: special, s4: special, s5: 'used' });
    expect(made.ledger[1]?.detail).toContain('<|im_end|>');
  });
});

describe('pictures', () => {
  it('finds damage by decoding every pixel, and one bad file stops nothing', async () => {
    const made = await build({ root: at('damaged-images'), files: ['train.jsonl'] });
    expect(fates(made)).toEqual({
      'ok.jpg': 'used',
      'cut.jpg': 'imageDamaged',
      'tail.jpg': 'imageDamaged',
      'empty.png': 'imageEmpty',
      'page.jpg': 'imageUnreadable',
      'wrong.png': 'sameImageQuestionAnswer',
      'badcrc.png': 'imageDamaged',
    });
    expect(made.manifest.counts.byReason).toEqual({ imageDamaged: 3, imageEmpty: 1, imageUnreadable: 1 });
    expect(made.manifest.counts.repairs).toEqual({ formatByContent: 1 });
    expect(made.ref.questions[0]).toMatch(/5 of 7 rows .* are rejected/);
  });

  it('refuses strips above the ratio with the ratio in the words', async () => {
    const made = await build({ root: at('extreme-aspect'), files: ['train.jsonl'] });
    expect(fates(made)).toEqual({
      '1000x5': 'imageAspect',
      '1005x5': 'imageAspect',
      '5x1093': 'imageAspect',
      '2000x100': 'used',
    });
    expect(made.ledger[2]?.detail).toContain('218.6');
  });

  it('stores all eight EXIF orientations upright, without the tag', async () => {
    const made = await build({ root: at('exif-orientation'), files: ['train.jsonl'] });
    expect(made.manifest.counts).toMatchObject({ read: 9, rejected: 0, repairs: { orientationUnknown: 1 } });
    for (const { images } of made.records) {
      const file = path.join(made.folder, images[0] as string);
      const { width, height, orientation, exif } = await sharp(file).metadata();
      expect({ width, height, orientation, exif }).toEqual({ width: 48, height: 80 });
      expect(await arrowPointsUp(file)).toBe(true);
    }
  });

  it('brings 12-bit, 16-bit and float pictures to the same gradient by one named rule', async () => {
    const made = await build({ root: at('sixteen-bit'), files: ['train.jsonl'] });
    expect(fates(made)).toEqual({
      'sensor12.png': 'used',
      'full16.png': 'sameImageQuestionAnswer',
      'float.tiff': 'sameImageQuestionAnswer',
    });
    expect(made.manifest.counts.repairs).toEqual({ sensorRange: 3 });
    expect(made.manifest.notes.join('\n')).toMatch(/sensorRange.*1 of 12 bits, 1 of 16 bits, 1 of floats to 1/);
    const { data, info } = await pixelsOf(made.folder, made.records[0]?.images[0] as string);
    expect(info).toMatchObject({ width: 96, height: 48, channels: 3 });
    expect([Math.min(...data), Math.max(...data)]).toEqual([3, 255]);
  });

  it('refuses pictures above the pixel limit by their header, and the limit can be raised', async () => {
    const made = await build({ root: at('huge-pixels'), files: ['train.jsonl'] });
    expect(fates(made)).toEqual({ 'blank.png': 'imageTooLarge', 'header.png': 'imageTooLarge', 'fine.png': 'used' });
    const data = { maximumPixels: 4_000_000_000 };
    const raised = await build({ root: at('huge-pixels'), files: ['fine.jsonl'], data });
    expect(fates(raised)).toEqual({ 'header.png': 'imageDamaged', 'fine.png': 'used' });
  });

  it('measures length before training and never cuts', async () => {
    const model = { patch: 14, merge: 2, minimumPixels: 3136, maximumPixels: 1_003_520, contextTokens: 32_768 };
    const made = await build({ root: at('too-long'), files: ['train.jsonl'], model, data: { maximumTokens: 256 } });
    expect(fates(made)).toEqual({ k1: 'used', k2: 'tooLong', k3: 'tooLong' });
    expect(made.ledger[2]?.detail).toMatch(/pictures 1227/);
    expect(made.ref.questions[0]).toContain('2 x tooLong');
  });

  it.each([
    [
      'InternVL',
      { kind: 'tiles', width: 448, height: 448, minimumTiles: 1, maximumTiles: 12, tokens: 256 },
      10 * 256 + 2,
    ],
    ['Gemma 3', { kind: 'fixed', tokens: 256, marks: 6 }, 256 + 6],
    ['SmolVLM', { kind: 'grid', longestSide: 2048, tile: 512, tokens: 64 }, 17 * 64 + 2 * 16 + 4 + 4],
  ] as const)('counts pictures as %s does', async (_, pictures, tokens) => {
    const model = { pictures, contextTokens: 32_768 };
    const data = { maximumTokens: 4096 };
    const made = await build({ root: at('too-long'), files: ['train.jsonl'], model, data });
    expect(made.manifest.tokens.imageMaximum).toBe(tokens);
  });
});

describe('labels and duplicates', () => {
  it('says what always giving the commonest answer scores, and names the class seen once', async () => {
    const made = await build({ root: at('class-imbalance'), files: ['train.jsonl.gz'] });
    expect(made.ref).toMatchObject({ read: 600, largestShare: 0.96 });
    expect(made.ref.notes.join('\n')).toMatch(/Always answering "ok" would be right in 96 %/);
    expect(made.ref.notes.join('\n')).toMatch(/1 of 4 answers seen once.*"crack"/);
  });

  it('keeps a dataset of 1,500 classes out of its reference and names look-alikes', async () => {
    const made = await build({ root: at('many-classes'), files: ['train.jsonl.gz'] });
    expect(made.manifest.answers).toMatchObject({ distinct: 1508, once: 1468 });
    expect(made.ref.notes.join('\n')).toMatch(/7 groups of answers that differ only by O and 0.*P-0O02/);
    expect(JSON.stringify(made.ref).length).toBeLessThan(16 * 1024);
  });

  it('merges equal pictures across files, keeps different ones, and lists the contradicting pair', async () => {
    const files = ['train.jsonl', 'validation.jsonl'];
    const made = await build({ root: at('duplicates-across-splits'), files });
    expect(made.manifest.counts).toMatchObject({ read: 15, used: 14, merged: 1 });
    expect(fates(made)).toMatchObject({ 'same.png': 'sameImageQuestionAnswer', left: 'used', 'right.png': 'used' });
    expect(made.ref.questions.join('\n')).toMatch(/train.jsonl, line 6 against validation.jsonl, line 6/);
    const sides = made.ledger.filter(({ id }) => id === 't5' || id === 'contradict.png').map(({ split }) => split);
    expect(new Set(sides).size).toBe(1);
  });

  it('refuses answers of white space and records without an answer, naming file, line and remedy', async () => {
    const root = at('training-that-cannot-learn');
    await expect(build({ root, files: ['a.jsonl'] })).rejects.toMatchObject({
      problem: {
        type: 'DatasetInvalid',
        what: expect.stringContaining('answerEmpty'),
        where: expect.stringContaining('a.jsonl, line 1'),
      },
    });
    await expect(build({ root, files: ['b.jsonl'] })).rejects.toMatchObject({
      problem: {
        what: expect.stringContaining('answerMissing'),
        todo: expect.stringContaining('end with the assistant'),
      },
    });
    expect((await build({ root, files: ['d.jsonl'] })).ref).toMatchObject({ read: 12, used: 12 });
  });
});

/** The head of the arrow is wider than its shaft: more dark pixels in a row of the upper third than of the lower. */
async function arrowPointsUp(file: string): Promise<boolean> {
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
  const ground = data[0] as number;
  const drawn = (row: number) =>
    data.subarray(row * info.width, (row + 1) * info.width).filter((value) => Math.abs(value - ground) > 60).length;
  const widest = (from: number, to: number) =>
    Math.max(...Array.from({ length: to - from }, (_, row) => drawn(from + row)));
  return widest(0, info.height / 2) > widest(info.height / 2, info.height);
}
