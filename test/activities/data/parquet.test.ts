/** Parquet files with pictures: by `datasets`, by pyarrow, and from the field. */
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { parquet } from '../../../activities/data/read/parquet.js';
import { codecs } from '../../../activities/data/read/parquetCodecs.js';
import { rowRanges } from '../../../activities/data/read/parquetRanges.js';
import { build, cases, fates, freshFolder, removeFreshFolders } from './build.js';
import { openingOf, valuesOf } from './opening.js';

afterAll(removeFreshFolders);

const root = path.resolve('test/fixtures/formats/parquet');
const file = (name: string) => path.join(root, name);

describe('a Parquet file', () => {
  it('has the bytes of a picture before a dead path, a path where there are none, and neither rejected by row', async () => {
    const at = path.join(cases, 'parquet-images');
    const files = ['train-00000-of-00001.parquet'];
    const made = await build({ root: at, files, question: 'Which colour?', fields: { kind: 'label' } });
    expect(made.manifest.counts).toMatchObject({ read: 4, used: 3, rejected: 1 });
    expect(made.ledger.map(({ line, fate, reason }) => [line, reason ?? fate])).toEqual([
      [1, 'used'],
      [2, 'used'],
      [3, 'used'],
      [4, 'imageMissing'],
    ]);
    const kinds = made.records.map(({ messages, kind }) => [messages.at(-1)?.content[0], kind]);
    expect(new Map(kinds.map(([answer, kind]) => [JSON.stringify(answer), kind]))).toEqual(
      new Map([
        ['{"type":"text","text":"red"}', 'cat'],
        ['{"type":"text","text":"blue"}', 'dog'],
        ['{"type":"text","text":"green"}', 'dog'],
      ]),
    );
  });

  it('by datasets has its chats and lists of pictures, padded with null or not', async () => {
    const made = await build({ root, files: ['chat.parquet'] });
    expect(made.ledger.map(({ fate, reason }) => reason ?? fate)).toEqual([
      'used',
      'used',
      'used',
      'placeholderMismatch',
    ]);
    const two = made.records.find(({ images }) => images.length === 2);
    expect(two?.messages.at(-1)?.content).toEqual([{ type: 'text', text: 'red, blue' }]);
  });

  it('has a picture under a name of its own found by its type, and classes by their names', async () => {
    const fields = { answer: 'animal' };
    const rows = await valuesOf(parquet, openingOf(file('classes.parquet'), { fields }));
    expect(rows.map(({ animal }) => animal)).toEqual(['cat', 'dog', null, 'dog']);
    const made = await build({ root, files: ['classes.parquet'], question: 'Which animal?', fields });
    expect(made.manifest.counts).toMatchObject({ read: 4, used: 3 });
  });

  it('with the columns of ALLaVA-4V has its pictures by path, and a lost one is rejected', async () => {
    const made = await build({ root, files: ['allava.parquet'] });
    expect(fates(made)).toEqual({ allava_red: 'used', allava_blue: 'used', allava_gone: 'imageNotFound' });
  });

  it('with turns and pictures under other names is understood by its columns', async () => {
    const made = await build({ root, files: ['by-columns.parquet'] });
    expect(made.manifest.counts).toMatchObject({ read: 2, used: 2, repairs: { imagePlaced: 2 } });
  });

  it('keeps every digit of large numbers, decimals, floats and moments', async () => {
    const [one, two, three] = await valuesOf(parquet, openingOf(file('types.parquet')));
    expect(one).toMatchObject({
      answer: 'one',
      large: '9007199254740993',
      money: '-12.50',
      small: '1.5',
      at: '2024-02-29T12:30:00.123456Z',
      local: '1970-01-01T00:00:00.000000001',
      day: '2024-02-29',
      share: 0.1,
      raw: null,
    });
    expect(two).toMatchObject({ answer: null, large: 7, money: '0.05', at: null, share: 0.25, raw: 'text' });
    expect(three).toMatchObject({ local: '1969-12-31T23:59:59.999999999', raw: { source: { kind: 'bytes' } } });
  });

  it('with a text that is not UTF-8 loses that row only', async () => {
    const made = await build({ root, files: ['broken-text.parquet'], question: 'q' });
    expect(made.ledger.map(({ fate, reason }) => reason ?? fate)).toEqual(['used', 'encoding']);
  });

  it('that was cut is refused', async () => {
    const folder = freshFolder();
    writeFileSync(path.join(folder, 'cut.parquet'), readFileSync(file('chat.parquet')).subarray(0, -100));
    await expect(build({ root: folder, files: ['cut.parquet'] })).rejects.toMatchObject({
      problem: { type: 'DatasetInvalid', what: expect.stringContaining('no footer'), where: 'cut.parquet' },
    });
  });
});

describe('ranges of rows', () => {
  const names = ['plain', 'index', 'v2', 'gzip', 'brotli', 'lz4'];

  it.each(names)('are the file’s rows in order, each once, however small (%s)', async (name) => {
    const bytes = await readFile(file(`pages-${name}.parquet`));
    const read: number[] = [];
    const buffer: AsyncBuffer = {
      byteLength: bytes.length,
      slice: (start, end = bytes.length) => {
        read.push(end - start);
        return new Uint8Array(bytes.subarray(start, end)).buffer;
      },
    };
    const metadata = await parquetMetadataAsync(buffer);
    const whole = await parquetReadObjects({ file: buffer, metadata, compressors: codecs, utf8: false });
    expect(whole.length).toBe(160);
    const rows: unknown[] = [];
    let ranges = 0;
    read.length = 0;
    for await (const { metadata: of, pages, ...range } of rowRanges(buffer, metadata, {
      named: name,
      rangeBytes: 4096,
    })) {
      const options = {
        ...range,
        file: buffer,
        metadata: of,
        compressors: codecs,
        utf8: false,
        pageLocationsByGroup: [pages],
      };
      rows.push(...(await parquetReadObjects(options)));
      ranges += 1;
    }
    expect(rows).toEqual(whole);
    expect(ranges).toBeGreaterThan(10);
    expect(Math.max(...read)).toBeLessThan(20_000);
  });
});
