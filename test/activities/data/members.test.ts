import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { BoxTable } from '../../../activities/data/read/boxTable.js';
import { parseJsonRecord } from '../../../activities/data/read/jsonRecord.js';
import { memberElements, membersOf } from '../../../activities/data/read/members.js';
import { TextsById } from '../../../activities/data/read/textStore.js';
import { freshFolder, removeFreshFolders } from './build.js';

afterAll(removeFreshFolders);

function fileOf(text: string): string {
  const file = path.join(freshFolder(), 'a.json');
  writeFileSync(file, text);
  return file;
}

async function elementsOf(file: string, key: string) {
  const pieces: { line: number; column: number; value: unknown }[] = [];
  for await (const piece of memberElements(file, 'a.json', key))
    if (!piece.trailingComma)
      pieces.push({ line: piece.line, column: piece.column, value: parseJsonRecord(piece).value });
  return pieces;
}

describe('the members of a JSON object', () => {
  it('are the same as those of the parsed text, whatever stands in keys and values', async () => {
    const element = fc.record({
      text: fc.string({ unit: 'grapheme' }),
      list: fc.array(fc.jsonValue(), { maxLength: 2 }),
    });
    const lists = fc.dictionary(fc.stringMatching(/^[a-z"{}[\]:,]{1,6}$/), fc.array(element, { maxLength: 4 }));
    const property = fc.asyncProperty(lists, fc.boolean(), fc.jsonValue(), async (members, pretty, other) => {
      const file = fileOf(JSON.stringify({ ...members, ZZZ: other, wanted: [1] }, null, pretty ? 2 : 0));
      for (const [key, values] of Object.entries(members))
        if (!key.includes('"'))
          expect((await elementsOf(file, key)).map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(values)));
      expect((await elementsOf(file, 'wanted')).map(({ value }) => value)).toEqual([1]);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('have the lines and columns of the file', async () => {
    const file = fileOf('{"info": {"a": "]}"},\n "images": [\n  {"id": 1}, {"id": 2}\n ],\n "x": [3]}');
    expect(await elementsOf(file, 'images')).toEqual([
      { line: 3, column: 3, value: { id: 1 } },
      { line: 3, column: 14, value: { id: 2 } },
    ]);
    expect(await elementsOf(file, 'none')).toEqual([]);
  });

  it('are known by their first elements, as far as they tell what the file is', async () => {
    const long = 'x'.repeat(200_000);
    const images = Array.from({ length: 2000 }, (_, id) => ({ id, file_name: `${id}.jpg` }));
    const file = fileOf(
      JSON.stringify({ info: { long }, images, annotations: [{ caption: 'a' }, { caption: long }], after: [1] }),
    );
    const members = await membersOf(file, 'a.json');
    expect([...members.keys()]).toEqual(['info', 'images', 'annotations']);
    expect(members.get('images')).toEqual({ id: 0, file_name: '0.jpg' });
    expect(members.get('annotations')).toEqual({ caption: 'a' });
  });

  it('end with the first object of a file of lines', async () => {
    const members = await membersOf(fileOf('{"a": [], "b": 1}\n{"c": 2}\n'), 'a.json');
    expect([...members]).toEqual([
      ['a', undefined],
      ['b', 1],
    ]);
  });

  it('of which an array breaks off are refused with the place', async () => {
    await expect(elementsOf(fileOf('{"a": [\n{"b": 1}, {"b": '), 'a')).rejects.toThrow(/a.json, line 2, column 11/);
  });
});

describe('what is held of a joined file', () => {
  it('gives every text back by its id', () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), (given) => {
      const texts = new TextsById();
      for (const [id, text] of Object.entries(given)) texts.set(id, text);
      for (const [id, text] of Object.entries(given)) expect(texts.get(id)).toBe(text);
      expect(texts.get('not there')).toBe(given['not there']);
    });
    fc.assert(property);
  });

  it('gives every box back once, as corners, under its picture and category', () => {
    const box = fc.tuple(fc.nat(50), fc.nat(30), fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99)));
    const property = fc.property(fc.array(box, { maxLength: 3000 }), (boxes) => {
      const table = new BoxTable();
      for (const [index, [image, category, each]] of boxes.entries())
        table.add(image, category, { line: index + 1, box: each });
      const groups = [...table.groups()];
      expect(groups.reduce((sum, group) => sum + group.boxes.length, 0)).toBe(boxes.length);
      for (const { image, category, line, boxes: found } of groups) {
        const own = boxes.filter((each) => each[0] === image && each[1] === category);
        expect(boxes[line - 1]).toEqual(own[0]);
        const corners = own.map(([, , [x, y, width, height]]) => [x, y, x + width, y + height]);
        expect(found.map(String).sort()).toEqual(corners.map(String).sort());
      }
    });
    fc.assert(property, { numRuns: 20 });
  });
});
