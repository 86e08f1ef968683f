/** Reads one record's JSON text, and says line and column where it is wrong. */
import { type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { RowFault } from '../faults.js';
import type { JsonPiece } from './jsonText.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface ParsedJson {
  value: unknown;
  /** `trailingComma`: a comma before a closing bracket was overlooked; `notANumber`: Python's NaN is read as null. */
  repairs: string[];
}

/** Levels of brackets. Readers that call themselves for each level end the process's stack some thousands deeper. */
const maximumDepth = 200;

/**
 * A trailing comma and a number that is none are the mistakes that leave no doubt.
 * Throws `RowFault` `encoding`, `jsonInvalid`, or `keyRepeated` where an object holds two values under one key.
 */
export function parseJsonRecord({ bytes, line, column }: JsonPiece): ParsedJson {
  const text = decode(bytes, line);
  const { deep, keys } = bracketsOf(text);
  if (deep >= 0)
    throw new RowFault(
      'jsonInvalid',
      `over ${maximumDepth} brackets inside each other at ${place(text, deep, line, column)}`,
    );
  const parsed = parsedText(text, (offset) => place(text, offset, line, column));
  const repeated = keysOf(parsed.value) < keys ? repeatedIn(text) : null;
  if (repeated)
    throw new RowFault(
      'keyRepeated',
      `the key ${repeated.key} has another value at ${place(text, repeated.offset, line, column)}`,
    );
  return parsed;
}

/** The first key, in its quotes, that has two values in one object of a JSON text; null where none has. */
export function repeatedKeyIn(text: string, value: unknown): string | null {
  return keysOf(value) < bracketsOf(text).keys ? (repeatedIn(text)?.key ?? null) : null;
}

function parsedText(text: string, placeOf: (offset: number) => string): ParsedJson {
  try {
    return { value: JSON.parse(text), repairs: [] };
  } catch (error) {
    const { value, first } = tolerant(text);
    if (first === undefined) return { value, repairs: ['trailingComma'] };
    const finite = tolerant(text.replace(notANumber, (found) => (found.startsWith('"') ? found : 'null')));
    if (finite.first === undefined) return { value: finite.value, repairs: ['notANumber'] };
    const words = printParseErrorCode(first.error)
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase();
    const python = /^\s*\{\s*'/.test(text) ? '; it is written as Python prints it, and json.dumps writes JSON' : '';
    throw new RowFault('jsonInvalid', `${words} at ${placeOf(first.offset)}${python}`, { cause: error });
  }
}

function tolerant(text: string): { value: unknown; first: ParseError | undefined } {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true, disallowComments: true });
  return { value, first: errors[0] };
}

/** As Python writes them; strings are matched to be left as they are. */
const notANumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;

/** Where the brackets outside of strings become too many, -1 where they don't, and how many keys the text writes. */
function bracketsOf(text: string): { deep: number; keys: number } {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === ':') keys += 1;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > maximumDepth) return { deep: at, keys };
  }
  return { deep: -1, keys };
}

/** How many keys a value holds: fewer than its text where the parser let a later one win. */
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, each) => sum + keysOf(each), own);
}

/** The first key with another value than before; the same value twice is no loss. */
function repeatedIn(text: string): { key: string; offset: number } | null {
  const nodes = [parseTree(text)];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    const seen = new Map<string, string>();
    for (const child of node.children ?? []) {
      nodes.push(child);
      if (child.type !== 'property') continue;
      const [key = '', value = ''] = (child.children ?? []).map((each) =>
        text.slice(each.offset, each.offset + each.length),
      );
      if ((seen.get(key) ?? value) !== value) return { key, offset: child.offset };
      seen.set(key, value);
    }
  }
  return null;
}

/** Where the quote stands that closes a string; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && backslashesBefore(text, end) % 2 === 1) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function backslashesBefore(text: string, at: number): number {
  let count = 0;
  while (text[at - 1 - count] === '\\') count += 1;
  return count;
}

function decode(bytes: Uint8Array, line: number): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new RowFault('encoding', `line ${line} is not UTF-8`, { cause: error });
  }
}

/** Where an offset in a record's text lies in its file. */
function place(text: string, offset: number, line: number, column: number): string {
  const before = text.slice(0, offset).split('\n');
  const last = before.at(-1) ?? '';
  return `line ${line + before.length - 1}, column ${(before.length === 1 ? column : 1) + last.length}`;
}
