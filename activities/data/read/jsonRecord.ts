/** Reads one record's JSON text, and says line and column where it is wrong. */
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { RowFault } from '../faults.js';
import type { JsonPiece } from './jsonText.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface ParsedJson {
  value: unknown;
  /** True when a comma before a closing bracket was overlooked. */
  trailingComma: boolean;
}

/** Levels of brackets. Readers that call themselves for each level end the process's stack some thousands deeper. */
const maximumDepth = 200;

/** Throws `RowFault` `encoding` or `jsonInvalid`. A trailing comma is the one mistake that leaves no doubt. */
export function parseJsonRecord({ bytes, line, column }: JsonPiece): ParsedJson {
  const text = decode(bytes, line);
  const deep = tooDeepAt(text);
  if (deep >= 0)
    throw new RowFault(
      'jsonInvalid',
      `over ${maximumDepth} brackets inside each other at ${place(text, deep, line, column)}`,
    );
  try {
    return { value: JSON.parse(text), trailingComma: false };
  } catch (error) {
    const errors: ParseError[] = [];
    const value: unknown = parse(text, errors, { allowTrailingComma: true, disallowComments: true });
    const [first] = errors;
    if (first === undefined) return { value, trailingComma: true };
    const words = printParseErrorCode(first.error)
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase();
    throw new RowFault('jsonInvalid', `${words} at ${place(text, first.offset, line, column)}`, { cause: error });
  }
}

/** Where the brackets outside of strings become too many; -1 where they don't. */
function tooDeepAt(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > maximumDepth) return at;
  }
  return -1;
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
