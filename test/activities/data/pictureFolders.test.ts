/** Folders of pictures: a class a folder, metadata, texts beside pictures, and pictures of which nothing is said. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { imageFolder } from '../../../activities/data/read/imageFolder.js';
import { sidecar } from '../../../activities/data/read/sidecarFolder.js';
import { build, fates, freshFolder, removeFreshFolders } from './build.js';
import { openingOf, rowsOf, valuesOf } from './opening.js';

afterAll(removeFreshFolders);

const question = 'What is shown?';
let shade = 0;

/** Writes texts as given, and a new picture wherever the text is null. */
async function folderOf(files: Record<string, string | null>): Promise<string> {
  const root = freshFolder();
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    shade += 1;
    const background = { r: shade % 256, g: 40, b: 90 };
    writeFileSync(
      file,
      text ??
        (await sharp({ create: { width: 6, height: 5, channels: 3, background } })
          .png()
          .toBuffer()),
    );
  }
  return root;
}

describe('a folder of a folder a class', () => {
  it('has the folder’s name as answer, notes declared splits and names what it does not read', async () => {
    const root = await folderOf({
      'd/train/cat/1.png': null,
      'd/train/cat/2.png': null,
      'd/test/dog/1.png': null,
      'd/test/dog/old/2.png': null,
      'd/test/dog/notes.docx': 'no picture',
      'd/test/dog/.DS_Store': 'of the system',
    });
    const made = await build({ root, files: ['d'], question, answer: { kind: 'label', labels: ['cat', 'dog'] } });
    expect(made.manifest.counts).toMatchObject({ read: 4, used: 4, rejected: 0 });
    expect(made.records.map(({ id, messages }) => [id, messages.at(-1)?.content[0]]).sort()).toEqual([
      ['test/dog/1.png', { type: 'text', text: 'dog' }],
      ['test/dog/old/2.png', { type: 'text', text: 'dog' }],
      ['train/cat/1.png', { type: 'text', text: 'cat' }],
      ['train/cat/2.png', { type: 'text', text: 'cat' }],
    ]);
    const notes = made.manifest.notes.join('\n');
    expect(notes).toMatch(/declares the splits test, train/);
    expect(notes).toMatch(/1 file not read.*notes.docx/);
    expect(notes).toMatch(/1 folder: test\/dog\/old/);
    expect(made.manifest.sources[0]).toMatchObject({
      path: 'd',
      format: expect.stringMatching(/^imageFolder/),
      rows: 4,
    });
  });

  it('has metadata before the folders’ names, and a picture it leaves out in the ledger', async () => {
    const rows = [
      '{"file_name": "cat/1.png", "answer": "a lynx"}',
      '{"file_name": "gone.png", "answer": "x"}',
      '{"answer": "y"}',
    ];
    const root = await folderOf({
      'cat/1.png': null,
      'dog/1.png': null,
      '3.png': null,
      'metadata.jsonl': rows.join('\n'),
    });
    const made = await build({ root, files: ['.'], question });
    expect(made.ledger.map(({ fate, reason }) => reason ?? fate)).toEqual([
      'used',
      'imageNotFound',
      'imageMissing',
      'pictureAlone',
      'pictureAlone',
    ]);
    expect(made.records[0]?.messages.at(-1)?.content).toEqual([{ type: 'text', text: 'a lynx' }]);
  });

  it('has a table as metadata, a doubtful line of which is named', async () => {
    const root = await folderOf({
      'a/1.png': null,
      'a/2.png': null,
      'a/metadata.csv': 'file_name,answer\n1.png,one\n2.png\n',
    });
    const made = await build({ root, files: ['a'], question });
    expect(made.ledger.map(({ fate, reason }) => reason ?? fate)).toEqual(['used', 'csvColumns', 'pictureAlone']);
    expect(made.ledger[1]?.detail).toContain('a/metadata.csv, line 3');
  });

  it.each([
    ['boxes of YOLO', 'd/labels/1.txt', '0 0.5 0.5 0.2 0.2\n14 .1 1 0.25 1e-2\n'],
    ['boxes of Pascal VOC', 'd/images/1.xml', '<annotation><object><name>cat</name></object></annotation>'],
    ['annotations of CVAT', 'd/annotations.xml', '<?xml version="1.0"?>\n<annotations><image/></annotations>'],
  ])('with %s is asked about: they would be missed', async (kind, name, text) => {
    const root = await folderOf({ 'd/images/1.png': null, 'd/images/2.png': null, [name]: text });
    const made = await build({ root, files: ['d'], question, unanswered: 'wait' });
    expect(made.ref.questions.join()).toContain(`d holds ${kind}, such as ${name.slice(2)}, which are not read`);
  });

  it('with files of records below is refused: they name the pictures', async () => {
    const root = await folderOf({ 'd/images/1.png': null, 'd/data/train.jsonl': '{}' });
    await expect(build({ root, files: ['d'], question })).rejects.toMatchObject({
      problem: { what: expect.stringContaining('data/train.jsonl'), todo: expect.stringContaining('data/*.jsonl') },
    });
  });

  it('has no class of thumbnails that a disk has put there', async () => {
    const root = await folderOf({ 'd/cat/1.png': null, 'd/dog/1.png': null, 'd/@eaDir/1.png': null });
    expect(await valuesOf(imageFolder, openingOf(path.join(root, 'd')))).toHaveLength(2);
  });

  it('of one subfolder only has no classes: its rows have no answer', async () => {
    const root = await folderOf({ 'images/1.png': null, 'images/2.png': null });
    const rows = await valuesOf(imageFolder, openingOf(root));
    expect(rows).toEqual([
      { id: 'images/1.png', image: 'images/1.png', answer: null },
      { id: 'images/2.png', image: 'images/2.png', answer: null },
    ]);
  });

  it('that holds a file of records is none: its pictures are those that the records name', async () => {
    const folders = [
      await folderOf({ 'train.jsonl': '{}', 'images/1.png': null }),
      await folderOf({ 'train.json': '[]', 'images/1.png': null, 'images/1.txt': 'one' }),
    ];
    for (const root of folders)
      for (const format of [imageFolder, sidecar]) expect(await format.recognise(await openingOf(root))).toBeNull();
  });

  it('is built anew when a picture is added', async () => {
    const root = await folderOf({ 'd/cat/1.png': null, 'd/dog/1.png': null });
    const into = freshFolder();
    const first = await build({ root, files: ['d'], question, into });
    expect((await build({ root, files: ['d'], question, into })).folder).toBe(first.folder);
    writeFileSync(
      path.join(root, 'd/dog/2.png'),
      await sharp({ create: { width: 6, height: 5, channels: 3, background: 'white' } })
        .png()
        .toBuffer(),
    );
    expect((await build({ root, files: ['d'], question, into })).ref).toMatchObject({ read: 3, used: 3 });
  });
});

describe('a folder of pictures with texts beside them', () => {
  it('that are boxes of YOLO takes none for a caption', async () => {
    const root = await folderOf({
      'd/1.png': null,
      'd/1.txt': '0 0.5 0.5 0.2 0.2\r\n3 0.1 0.1 0.05 0.05\r\n',
      'd/2.png': null,
      'd/2.txt': '1 0.2 0.2 0.3 0.2 0.3 0.4',
      'd/3.png': null,
      'd/3.txt': '3 0 1 1 0',
    });
    const made = await build({ root, files: ['d'], question });
    expect(fates(made)).toEqual({ 'line 1': 'boxesOfYolo', 'line 2': 'boxesOfYolo', '3': 'used' });
  });

  const files = {
    's/1.png': null,
    's/1.txt': 'one\n',
    's/IMG.2024.01.png': null,
    's/IMG.2024.01.json': '{"answer": "two", "question": "Which?"}',
    's/3.png': null,
    's/3.png.txt': 'three',
    's/alone.png': null,
    's/ghost.txt': 'no picture',
    's/below/1.png': null,
    's/below/1.txt': 'below',
  };

  it('has the text as answer, JSON as fields, and every orphan in the ledger', async () => {
    const root = await folderOf(files);
    const made = await build({ root, files: ['s'], question });
    expect(fates(made)).toEqual({
      1: 'used',
      3: 'used',
      'IMG.2024.01': 'used',
      'line 4': 'pictureAlone',
      'line 5': 'textAlone',
      'below/1': 'used',
    });
    expect(made.manifest.counts).toMatchObject({ read: 6, used: 4, rejected: 2 });
    expect(made.manifest.sources[0]?.format).toMatch(/^sidecar/);
  });

  it('has a link to nothing in the ledger, text or picture', async () => {
    const root = await folderOf({ 's/1.png': null, 's/1.txt': 'one', 's/2.png': null, 's/3.txt': 'three' });
    symlinkSync('gone.txt', path.join(root, 's/2.txt'));
    symlinkSync('gone.png', path.join(root, 's/3.png'));
    expect(fates(await build({ root, files: ['s'], question }))).toEqual({
      1: 'used',
      'line 2': 'textBroken',
      3: 'imageNotFound',
    });
  });

  it('lets a picture without text wait where the task says so', async () => {
    const root = await folderOf(files);
    const rows = await rowsOf(sidecar, openingOf(path.join(root, 's'), { root, unanswered: 'wait' }));
    expect(rows.filter(({ fault }) => fault !== null).map(({ fault }) => fault?.reason)).toEqual(['textAlone']);
    expect(rows.find(({ value }) => value?.['id'] === 'alone')?.value).toEqual({
      id: 'alone',
      image: 's/alone.png',
      answer: null,
    });
  });
});
