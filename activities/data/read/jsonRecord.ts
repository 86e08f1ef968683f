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

/** Throws `RowFault` `encoding` or `jsonInvalid`. A trailing comma is the one mistake that leaves no doubt. */
export function parseJsonRecord({ bytes, line, column }: JsonPiece): ParsedJson {
  const text = decode(bytes, line);
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
