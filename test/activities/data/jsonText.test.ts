import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { toUtf8 } from '../../../activities/data/read/bytes.js';
import { parseJsonRecord } from '../../../activities/data/read/jsonRecord.js';
import { type JsonPiece, jsonElements, jsonLines, jsonObjects } from '../../../activities/data/read/jsonText.js';
import { openRows } from '../../../activities/data/read/rows.js';
import { freshFolder, inputOf, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Cut = (chunks: AsyncIterable<Uint8Array>, named: string) => AsyncIterable<JsonPiece>;

async function read(cut: Cut, text: string | Buffer, chunkBytes = 64 * 1024) {
  const pieces: { line: number; column: number; value: unknown }[] = [];
  for await (const piece of cut(toUtf8(chunksOf(Buffer.from(text), chunkBytes)), 'a.json'))
    if (!piece.trailingComma)
      pieces.push({ line: piece.line, column: piece.column, value: parseJsonRecord(piece).value });
  return pieces;
}

async function rowsOf(name: string, content: string | Buffer) {
  const root = freshFolder();
  await writeFile(path.join(root, name), content);
  const file = await openRows(inputOf({ root, files: [name] }).source, { path: path.join(root, name) });
  const rows = [];
  for await (const { line, value, fault, repairs } of file.rows)
    rows.push({ line, value, fault: fault?.message, repairs });
  return { format: file.format, rows };
}

describe('records in JSON text', () => {
  it('are the same whatever the size of the chunks, in lines and in arrays', async () => {
    const record = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      list: fc.array(fc.jsonValue(), { maxLength: 3 }),
    });
    const property = fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      async (records, chunkBytes, pretty) => {
        const wanted = records.map((each) => JSON.parse(JSON.stringify(each)));
        const array = JSON.stringify(records, null, pretty ? 2 : 0);
        const lines = records.map((each) => JSON.stringify(each)).join(pretty ? '\r\n' : '\n');
        expect((await read(jsonElements, `\ufeff${array}`, chunkBytes)).map(({ value }) => value)).toEqual(wanted);
        expect((await read(jsonLines, lines, chunkBytes)).map(({ value }) => value)).toEqual(wanted);
        const objects = records.map((each) => JSON.stringify(each, null, pretty ? 2 : 0)).join(pretty ? ',\n' : '');
        expect((await read(jsonObjects, objects, chunkBytes)).map(({ value }) => value)).toEqual(wanted);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('may hold U+2028, which ends no line', async () => {
    expect(await read(jsonLines, '{"a":"x\u2028y"}\n\n{"a":1}')).toMatchObject([{ line: 1 }, { line: 3 }]);
  });

  it('are read from UTF-16 and from gzip, by content', async () => {
    const text = '{"answer":"é"}\n';
    const value = { answer: 'é' };
    for (const bytes of [Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'utf16le'), gzipSync(text)])
      expect((await rowsOf('records.txt', bytes)).rows).toMatchObject([{ line: 1, value }]);
  });

  it('are told apart from CSV by content, not by name', async () => {
    expect((await rowsOf('a.csv', '{"answer":"x"}\n')).format).toMatch(/^jsonl/);
    expect((await rowsOf('a.jsonl', 'image,question,answer\n1.png,q,a\n')).rows[0]?.fault).toMatch(/jsonInvalid/);
    expect((await rowsOf('a.txt', 'image,question,answer\n1.png,q,a\n')).format).toMatch(/^csv/);
  });
});

describe('objects that are not one a line', () => {
  it.each([
    ['over several lines', '{\n "answer": 1\n}\n{\n "answer": 2\n}\n', [1, 4]],
    ['one after another on one line', '{"answer":1}{"answer":2}', [1, 1]],
    ['with a comma behind each line', '{"answer":1},\n{"answer":2},\n', [1, 2]],
  ])('are read by content, %s', async (_, text, lines) => {
    const { rows } = await rowsOf('a.jsonl', text);
    expect(rows.map(({ value }) => value)).toEqual([{ answer: 1 }, { answer: 2 }]);
    expect(rows.map(({ line }) => line)).toEqual(lines);
  });

  it('stop the import where the last one is cut or something else stands between, with the place', async () => {
    const problem = (where: RegExp) => ({ problem: { type: 'DatasetInvalid', where: expect.stringMatching(where) } });
    await expect(rowsOf('a.json', '{\n"answer":1\n}\n{"answer":[2}')).rejects.toMatchObject(
      problem(/line 4, column 1/),
    );
    await expect(rowsOf('a.json', '{\n"answer":1\n}\n; {')).rejects.toMatchObject(problem(/line 4, column 1/));
  });
});

it('lines that a crash has left full of NUL harm no other, and a pointer of Git LFS is named', async () => {
  const { rows } = await rowsOf('a.jsonl', `{"answer":1}\n${'\0'.repeat(99)}\n{"answer":2}\n${'\0'.repeat(4096)}`);
  expect(rows.map(({ fault }) => fault?.slice(0, 11))).toEqual([undefined, 'jsonInvalid', undefined, 'jsonInvalid']);
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n';
  await expect(rowsOf('a.jsonl', pointer)).rejects.toMatchObject({
    problem: { what: expect.stringContaining('Git LFS'), todo: expect.stringContaining('git lfs pull') },
  });
});

describe('wrong JSON', () => {
  it('is named with line and column, and costs its own record only', async () => {
    const { rows } = await rowsOf('a.jsonl', '{"answer":1}\n{"answer":2\n{"answer": x}\n3\n{"answer":4,}\n');
    expect(rows.map(({ fault }) => fault)).toEqual([
      undefined,
      expect.stringMatching(/line 2, column 12/),
      expect.stringMatching(/line 3, column 12/),
      expect.stringMatching(/notAnObject/),
      undefined,
    ]);
    expect(rows[4]?.repairs).toEqual(['trailingComma']);
  });

  it('in an element of an array is named where it stands in the file', async () => {
    const { rows } = await rowsOf('a.json', '[\n  {"answer": 1},\n  {"answer":\n    oops},\n  {"answer": 3}\n]');
    expect(rows.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(rows[1]?.fault).toMatch(/line 4, column 5/);
  });

  it('in bytes that are no UTF-8 is a fault of its line', async () => {
    const bytes = Buffer.concat([Buffer.from('{"answer":"'), Buffer.from([0xe9]), Buffer.from('"}\n{"answer":"b"}\n')]);
    expect((await rowsOf('a.jsonl', bytes)).rows.map(({ fault }) => fault)).toEqual([
      expect.stringMatching(/encoding/),
      undefined,
    ]);
  });

  it('that leaves the end of an array open stops the import with the place', async () => {
    const problem = (where: RegExp) => ({ problem: { type: 'DatasetInvalid', where: expect.stringMatching(where) } });
    await expect(read(jsonElements, '[{"a":1},\n {"a":2')).rejects.toMatchObject(problem(/line 2, column 2/));
    await expect(read(jsonElements, '[{"a":1}]\n{"a":2}')).rejects.toMatchObject(problem(/line 2, column 1/));
    await expect(rowsOf('a.gz', gzipSync('{"a":1}\n').subarray(0, 20))).rejects.toMatchObject(problem(/a.gz/));
  });

  it('of arrays one after another is no fault', async () => {
    expect((await read(jsonElements, '[1,2]\n[]\n[3]')).map(({ value }) => value)).toEqual([1, 2, 3]);
  });
});
