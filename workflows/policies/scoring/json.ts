import { type AnswerScore, afterRepair, inForm, unreadable } from './answerScore.js';
import { outermostObjects, plainJson } from './jsonRepair.js';
import { isAnswer, normalise, refused } from './text.js';
import { withoutThoughts } from './thoughts.js';

type FieldType = 'string' | 'number' | 'integer' | 'boolean';
type Fields = Record<string, FieldType>;
type Values = Record<string, string | number | boolean>;

interface Reading {
  values: Values;
  /** Nothing had to be coerced, dropped or left out. */
  asAsked: boolean;
  missing: string[];
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null; // not JSON: an answer's form is what is being judged, so this is a finding and no fault
  }
}

/** The value as the field's type; undefined when it cannot be coerced. */
function coerce(value: unknown, type: FieldType): string | number | boolean | undefined {
  if (type === 'string')
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
  if (type === 'boolean') {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined;
  return type === 'integer' && !Number.isInteger(number) ? undefined : number;
}

/** `required`: the fields that the gold holds; one that it leaves out may be left out. */
function read(object: Record<string, unknown>, fields: Fields, required: ReadonlySet<string>): Reading {
  const values: Values = {};
  const missing: string[] = [];
  let asAsked = Object.keys(object).every((key) => Object.hasOwn(fields, key));
  for (const [key, type] of Object.entries(fields)) {
    const there = Object.hasOwn(object, key);
    const value = there ? coerce(object[key], type) : undefined;
    if (value !== undefined) values[key] = value;
    else if (there || required.has(key)) missing.push(key);
    if (there && value !== object[key]) asAsked = false;
  }
  return { values, asAsked: asAsked && missing.length === 0, missing };
}

function same(a: string | number | boolean | undefined, b: string | number | boolean | undefined): boolean {
  if (typeof a === 'string' && typeof b === 'string') return normalise(a) === normalise(b);
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
  return a === b;
}

/** Mean over fields; a field that the gold leaves out does not count unless the answer makes it up (methods M1). */
function shareRight(gold: Values, given: Values, fields: Fields): number {
  const counted = Object.keys(fields).filter((key) => key in gold || key in given);
  const right = counted.filter((key) => key in gold && same(gold[key], given[key]));
  return counted.length === 0 ? 0 : right.length / counted.length;
}

/** Every distinct object that the text holds, and whether the last one was left open. */
function readingsIn(text: string, fields: Fields, required: ReadonlySet<string>) {
  const { objects, open } = outermostObjects(text);
  const readings = objects
    .map((object) => parseObject(plainJson(object)))
    .filter((object) => object !== null)
    .map((object) => read(object, fields, required));
  return {
    readings: [...new Map(readings.map((reading) => [JSON.stringify(reading.values), reading])).values()],
    open,
  };
}

/** The object that stands in a JSON text as a text of its own, encoded twice. */
function unquoted(text: string): string {
  if (!/^\s*"[\s\S]*"\s*$/.test(text)) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text; // quotes round an object that is not encoded: what is inside them is read as it stands
  }
}

/** A JSON object with declared fields. An object that never closes was cut, and says nothing about the content. */
export function scoreJson(expected: string, given: string | null, { fields }: { fields: Fields }): AnswerScore {
  const goldObject = parseObject(expected);
  const required = new Set(Object.keys(goldObject ?? fields));
  const gold = goldObject === null ? {} : read(goldObject, fields, required).values;
  if (given === null) return refused(given);
  const bare = parseObject(given);
  const reading = bare === null ? null : read(bare, fields, required);
  if (reading?.asAsked) return inForm(shareRight(gold, reading.values, fields), expected, given);
  const { readings, open } = readingsIn(unquoted(withoutThoughts(given)), fields, required);
  if (open) return unreadable('cut', 'The object is cut off before its end.');
  const complete = readings.filter(({ missing }) => missing.length === 0);
  const [only, other] = complete;
  if (other) return unreadable('ambiguous', `${complete.length} different objects are given.`);
  if (only)
    return afterRepair(shareRight(gold, only.values, fields), 'The object is there, in another form than asked for');
  if (!isAnswer(given)) return refused(given);
  const [some] = readings;
  if (!some) return unreadable('invalid', 'No JSON object is given.');
  const repaired = readings.length === 1 ? shareRight(gold, some.values, fields) : 0;
  return unreadable('invalid', `Missing or of the wrong type: ${some.missing.slice(0, 5).join(', ')}.`, repaired);
}
