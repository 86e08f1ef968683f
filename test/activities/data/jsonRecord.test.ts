import fc from 'fast-check';
import { parseJsonRecord } from '../../../activities/data/read/jsonRecord.js';

const read = (text: string) => parseJsonRecord({ bytes: Buffer.from(text), line: 3, column: 1 });

describe('parseJsonRecord', () => {
  it('reads what JSON.parse reads, brackets and quotes in strings included', () => {
    fc.assert(fc.property(fc.json(), (text) => expect(read(text).value).toEqual(JSON.parse(text))));
    const text = JSON.stringify({ text: `\\"${'['.repeat(5000)}\\`, next: '{'.repeat(5000) });
    expect(read(text).value).toEqual(JSON.parse(text));
  });

  it.each([
    ['whole', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['without an end', '{"a":['.repeat(20_000)],
    ['with a comma too many', `{"a": ${'['.repeat(5000)}1${']'.repeat(5000)},}`],
  ])('refuses brackets that lie too deep, %s, by their place', (_, text) => {
    expect(() => read(text)).toThrow(/jsonInvalid: over 200 brackets inside each other at line 3, column \d+/);
  });

  it('refuses an object that holds two values under one key, by the place of the second', () => {
    expect(() => read('{"image":"a.png",\n "more":{"x":1,"x":[1,":"]},"image":"a.png"}')).toThrow(
      'keyRepeated: the key "x" has another value at line 4, column 16',
    );
    expect(read('{"a":1,"a":1,"b":{"a":":"}}')).toEqual({ value: { a: 1, b: { a: ':' } }, repairs: [] });
  });

  it('reads Python’s numbers that are none as null, and leaves texts as they are', () => {
    expect(read('{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \\" NaN","NaN":1}')).toEqual({
      value: { a: null, b: [null, null], c: 'NaN " NaN', NaN: 1 },
      repairs: ['notANumber'],
    });
    expect(() => read('{"a":NaN,"b":x}')).toThrow(/line 3, column 6/);
    expect(() => read("{'a': 'b'}")).toThrow(/line 3, column 2; it is written as Python prints it/);
  });
});
