/** The keys of a JSON object that fills a file, and the bytes of one of its values: neither is held whole. */
import { openBytes, toUtf8 } from './bytes.js';
import { type JsonPiece, jsonElements, type Place } from './jsonText.js';

/** Of every key the first element of its array, or its value where that is small; undefined where it is neither. */
export type Members = ReadonlyMap<string, unknown>;

/** More of a first element or value than this is not kept: it serves to recognise the file. */
const keptBytes = 16 * 1024;
/** Keys after one of these tell nothing more, and may come gigabytes later. */
const telling = new Set(['annotations', 'questions', 'data']);

/** Reads a file that begins with `{` until its keys tell what it is, or the object ends. */
export async function membersOf(file: string, named: string): Promise<Members> {
  const members = new Map<string, unknown>();
  const scan = new MemberScan();
  let kept: Buffer[] = [];
  for await (const chunk of toUtf8(openBytes(file, named))) {
    for (const { key, bytes, ends } of scan.read(chunk)) {
      if (kept.reduce((sum, each) => sum + each.length, 0) < keptBytes) kept.push(Buffer.from(bytes));
      if (members.get(key) === undefined) members.set(key, firstOf(Buffer.concat(kept).toString('utf8')));
      if (members.get(key) !== undefined && telling.has(key)) return members;
      if (ends) kept = [];
    }
    if (scan.ended) break;
  }
  return members;
}

/** The first element of an array whose beginning is known, or a whole value; undefined as long as it is cut off. */
function firstOf(text: string): unknown {
  if (!text.startsWith('[')) return parsed(text);
  let depth = 0;
  let inString = false;
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (depth > 0 && (character === '}' || character === ']')) depth -= 1;
    else if (depth === 0 && (character === ',' || character === ']')) return parsed(text.slice(1, at));
    if (!inString && depth === 0 && (character === '}' || character === ']')) return parsed(text.slice(1, at + 1));
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The elements of the array under a key of the top-level object, with their lines. Throws as `jsonElements`. */
export async function* memberElements(file: string, named: string, key: string): AsyncGenerator<JsonPiece> {
  const scan = new MemberScan();
  const place = { line: 1, column: 1 };
  yield* jsonElements(valueBytes(), named, place);

  async function* valueBytes(): AsyncGenerator<Uint8Array> {
    let found = false;
    for await (const chunk of toUtf8(openBytes(file, named))) {
      for (const piece of scan.read(chunk)) {
        if (piece.key !== key) continue;
        if (!found) Object.assign(place, piece.place);
        found = true;
        yield piece.bytes;
        if (piece.ends) return;
      }
      if (scan.ended) return;
    }
  }
}

interface ValuePiece {
  key: string;
  bytes: Uint8Array;
  /** Where the value begins. */
  place: Place;
  /** True for the last piece of the value. */
  ends: boolean;
}

const [newline, quote, comma, colon, backslash] = [0x0a, 0x22, 0x2c, 0x3a, 0x5c];
const isOpening = (byte: number) => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number) => byte === 0x5d || byte === 0x7d;
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === newline || byte === 0x0d;

/** Follows one top-level object through chunks of any size, and cuts out the bytes of its values. */
class MemberScan {
  ended = false;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private line = 1;
  private column = 0;
  private name: number[] = [];
  private key: string | null = null;
  private place: Place | null = null;

  *read(chunk: Uint8Array): Generator<ValuePiece> {
    let from = 0;
    for (let at = 0; at < chunk.length && !this.ended; at += 1) {
      const byte = chunk[at] as number;
      this.column += 1;
      const inValue = this.key !== null;
      if (inValue && this.place === null && !isBlank(byte)) {
        this.place = { line: this.line, column: this.column };
        from = at;
      }
      const ends = this.step(byte);
      if (inValue && ends && this.place !== null) {
        yield { key: this.key as string, bytes: chunk.subarray(from, at), place: this.place, ends: true };
        this.key = null;
        this.place = null;
      }
      if (byte === newline) {
        this.line += 1;
        this.column = 0;
      }
    }
    if (this.key !== null && this.place !== null && !this.ended)
      yield { key: this.key, bytes: chunk.subarray(from), place: this.place, ends: false };
  }

  /** True at the comma or bracket after a value of the outer object. */
  private step(byte: number): boolean {
    if (this.inString) {
      if (this.depth === 1 && this.key === null && (byte !== quote || this.escaped)) this.name.push(byte);
      if (this.escaped) this.escaped = false;
      else if (byte === backslash) this.escaped = true;
      else if (byte === quote) this.inString = false;
      return false;
    }
    if (byte === quote) {
      this.inString = true;
      if (this.depth === 1 && this.key === null) this.name = [];
    } else if (byte === colon && this.depth === 1 && this.key === null) {
      this.key = Buffer.from(this.name).toString('utf8');
    } else if (isOpening(byte)) this.depth += 1;
    else if (isClosing(byte)) {
      this.depth -= 1;
      if (this.depth === 0) this.ended = true;
      return this.depth === 0;
    }
    return this.depth === 1 && byte === comma;
  }
}
