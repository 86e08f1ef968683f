import { z } from 'zod';
import { breaksOfInput, breaksOfResult, type Schema } from '../../schemas/breaks.js';

const input = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }) as Schema;
const output = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'output' }) as Schema;

const before = {
  task: z.string(),
  hours: z.number().min(0).max(100).default(1),
  mode: z.enum(['wait', 'stop']),
  mix: z.strictObject({ business: z.int() }).optional(),
  target: z.number().nullable(),
  images: z.union([z.string(), z.array(z.string())]),
};
type Fields = Record<string, z.ZodType>;
const changed = (fields: Fields) => z.strictObject({ ...before, ...fields });
const { hours: _, ...withoutHours } = before;

const harmless: [string, Fields][] = [
  ['a new field that may be left out', { more: z.string().optional() }],
  ['another default', { hours: z.number().min(0).max(100).default(2) }],
];

describe('a change of what callers send', () => {
  const broken: [string, z.ZodType, string][] = [
    ['a field that is gone', z.strictObject(withoutHours), 'hours: this field was taken'],
    ['a field that is newly required', changed({ hours: z.number().min(0).max(100) }), 'hours: an object without'],
    ['a new field that is required', changed({ more: z.string() }), 'more: an object without'],
    ['another type', changed({ task: z.number() }), 'task: string was taken'],
    ['a type without null', changed({ target: z.number() }), 'target: null was taken'],
    ['whole numbers in place of numbers', changed({ target: z.int().nullable() }), 'target: number was taken'],
    ['a choice that is gone', changed({ mode: z.enum(['wait']) }), 'mode: "stop" was taken'],
    [
      'a higher minimum',
      changed({ hours: z.number().min(1).max(100).default(1) }),
      'hours: a value outside of minimum 1',
    ],
    ['a lower maximum', changed({ hours: z.number().min(0).max(9).default(1) }), 'hours: a value outside of maximum 9'],
    ['a pattern', changed({ task: z.string().regex(/^a/) }), 'task: a value outside of pattern'],
    ['one form of two', changed({ images: z.string() }), 'images: array was taken'],
    ['an items type', changed({ images: z.union([z.string(), z.array(z.int())]) }), 'images: array was taken'],
    ['a field within', changed({ mix: z.strictObject({}).optional() }), 'mix.business: this field was taken'],
  ];

  it.each(broken)('breaks by %s', (_name, after, says) => {
    expect(breaksOfInput(input(z.strictObject(before)), input(after))).toEqual([expect.stringContaining(says)]);
  });

  it.each([
    ...harmless,
    ['a wider choice', { mode: z.enum(['wait', 'stop', 'ask']) }],
    ['a form more', { task: z.union([z.string(), z.int()]) }],
    ['a field that may now be left out', { task: z.string().optional() }],
  ] as [string, Fields][])('does not break by %s', (_name, fields) => {
    expect(breaksOfInput(input(z.strictObject(before)), input(changed(fields)))).toEqual([]);
  });
});

describe('a change of what readers get', () => {
  const broken: [string, z.ZodType, string][] = [
    ['a field that is gone', z.strictObject(withoutHours), 'hours: the field is gone'],
    ['a field that may be left out', changed({ task: z.string().optional() }), 'task: an object without'],
    ['a null', changed({ task: z.string().nullable() }), 'task: null was never there'],
    ['a new word', changed({ mode: z.enum(['wait', 'stop', 'ask']) }), 'mode: "ask" was never there'],
    [
      'a wider range',
      changed({ hours: z.number().min(-1).max(100).default(1) }),
      'hours: a value outside of minimum 0',
    ],
  ];

  it.each(broken)('breaks by %s', (_name, after, says) => {
    const found = breaksOfResult(output(z.strictObject(before)), output(after));
    expect(found).toContainEqual(expect.stringContaining(says));
  });

  it.each([...harmless, ['a new field', { more: z.string() }], ['a word less', { mode: z.enum(['wait']) }]] as [
    string,
    Fields,
  ][])('does not break by %s', (_name, fields) => {
    expect(breaksOfResult(output(z.strictObject(before)), output(changed(fields)))).toEqual([]);
  });
});

it('refuses a keyword that it does not know', () => {
  expect(() => breaksOfInput({ type: 'object', not: {} }, {})).toThrow('does not know the keyword "not"');
});

describe('a part that another file holds', () => {
  const part = (file: string) => ({ type: 'object', properties: { recipe: { $ref: file } } });

  it('is compared by that file alone', () => {
    expect(breaksOfInput(part('a.schema.json'), part('a.schema.json'))).toEqual([]);
  });

  it('is not taken for that of another file', () => {
    expect(() => breaksOfInput(part('a.schema.json'), part('b.schema.json'))).toThrow('a.schema.json');
  });
});
