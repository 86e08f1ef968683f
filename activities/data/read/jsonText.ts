/** Cuts JSON text into records without reading it whole: lines of JSONL, or the elements of arrays. Knows no record. */
import { problem } from '../../../config/problems.js';

/** Counts from 1. */
export interface Place {
  line: number;
  column: number;
}

/** One record's text and where it begins. */
export interface JsonPiece extends Place {
  bytes: Uint8Array;
  /** Stands for a comma after the last element of an array: no record. */
  trailingComma?: true;
}

/** A record longer than this is a fault in the file; V8 can't hold a string past 512 MiB anyway. */
const maximumPieceBytes = 128 * 1024 * 1024;

const newline = 0x0a;
const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);
const blank = new Set([0x20, 0x09, 0x0a, 0x0d]);

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => blank.has(byte));
}

/** The lines that hold anything, without a comma behind the record. Only \n ends a line: U+2028 may stand inside a JSON text. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>, named: string): AsyncGenerator<JsonPiece> {
  let line = 1;
  const held = new Held(named);
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      const bytes = held.take(chunk.subarray(from, end), line);
      if (!isBlank(bytes)) yield { line, column: 1, bytes: withoutComma(bytes) };
      line += 1;
      from = end + 1;
    }
    held.keep(chunk.subarray(from), line);
  }
  const rest = held.take(new Uint8Array(), line);
  if (!isBlank(rest)) yield { line, column: 1, bytes: withoutComma(rest) };
}

/** A line of an array that has lost its brackets. */
function withoutComma(bytes: Uint8Array): Uint8Array {
  const last = bytes.findLastIndex((byte) => !blank.has(byte));
  return bytes[last] === comma && closing.has(bytes[last - 1] as number) ? bytes.subarray(0, last) : bytes;
}

/**
 * Objects one after another, whatever lines they are broken into; commas may stand between them.
 * Throws `DatasetInvalid` when the last one doesn't end or something else stands between two.
 */
export async function* jsonObjects(chunks: AsyncIterable<Uint8Array>, named: string): AsyncGenerator<JsonPiece> {
  const scan = new ObjectScan(named);
  for await (const chunk of chunks) yield* scan.read(chunk);
  scan.end();
}

/** Whether a byte stands in a string of JSON. */
class Strings {
  private inside = false;
  private escaped = false;

  /** True for every byte of a string, its quotes included. */
  holds(byte: number): boolean {
    if (!this.inside) {
      this.inside = byte === quote;
      return this.inside;
    }
    if (this.escaped) this.escaped = false;
    else if (byte === backslash) this.escaped = true;
    else if (byte === quote) this.inside = false;
    return true;
  }
}

/** Where a scan stands in its file. */
class Cursor implements Place {
  line: number;
  column: number;
  private lineEnds = false;

  /** Stands before a place. */
  constructor({ line, column }: Place) {
    this.line = line;
    this.column = column - 1;
  }

  /** Steps onto a byte; a newline is the last of its line. */
  step(byte: number): void {
    if (this.lineEnds) {
      this.line += 1;
      this.column = 0;
    }
    this.column += 1;
    this.lineEnds = byte === newline;
  }

  get place(): Place {
    return { line: this.line, column: this.column };
  }
}

const fileStart: Place = { line: 1, column: 1 };

class ObjectScan {
  private depth = 0;
  private start = fileStart;
  private readonly cursor = new Cursor(fileStart);
  private readonly strings = new Strings();
  private readonly held: Held;
  private readonly named: string;

  constructor(named: string) {
    this.named = named;
    this.held = new Held(named);
  }

  *read(chunk: Uint8Array): Generator<JsonPiece> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      this.cursor.step(byte);
      if (this.depth === 0 && this.begins(byte)) from = at;
      else if (this.depth > 0 && this.ends(byte))
        yield { ...this.start, bytes: this.held.take(chunk.subarray(from, at + 1), this.cursor.line) };
    }
    if (this.depth > 0) this.held.keep(chunk.subarray(from), this.cursor.line);
  }

  end(): void {
    if (this.depth === 0) return;
    throw broken(this.named, this.start, 'The file ends in the middle of the record that begins here.');
  }

  private begins(byte: number): boolean {
    if (blank.has(byte) || byte === comma) return false;
    this.start = this.cursor.place;
    if (!opening.has(byte)) throw broken(this.named, this.start, 'Something stands here that is no JSON object.');
    this.depth = 1;
    return true;
  }

  /** True at the bracket that ends an object of the file. */
  private ends(byte: number): boolean {
    if (this.strings.holds(byte)) return false;
    if (opening.has(byte)) this.depth += 1;
    else if (closing.has(byte)) this.depth -= 1;
    return this.depth === 0;
  }
}

/** Bytes of a record that began in an earlier chunk. */
class Held {
  private parts: Uint8Array[] = [];
  private size = 0;
  private readonly named: string;
  constructor(named: string) {
    this.named = named;
  }
  keep(part: Uint8Array, line: number): void {
    if (part.length === 0) return;
    this.parts.push(part);
    this.size += part.length;
    if (this.size > maximumPieceBytes) throw tooLong(this.named, line);
  }
  take(last: Uint8Array, line: number): Uint8Array {
    this.keep(last, line);
    const whole = this.parts.length === 1 ? (this.parts[0] as Uint8Array) : Buffer.concat(this.parts);
    this.parts = [];
    this.size = 0;
    return whole;
  }
}

/**
 * The elements of a JSON array, or of arrays one after another. An element is what stands between two commas, so a
 * wrong one is found by its own text and harms no neighbour.
 * `begins` is where the first chunk stands in its file; it is looked at when that chunk has come.
 * Throws `DatasetInvalid` when the array doesn't end or something else follows it: what is a record can't be told then.
 */
export async function* jsonElements(
  chunks: AsyncIterable<Uint8Array>,
  named: string,
  begins: Place = fileStart,
): AsyncGenerator<JsonPiece> {
  let scan: ArrayScan | undefined;
  for await (const chunk of chunks) {
    scan ??= new ArrayScan(named, begins);
    yield* scan.read(chunk);
  }
  scan?.end();
}

class ArrayScan {
  private depth = 0;
  private readonly strings = new Strings();
  private readonly cursor: Cursor;
  private start: { line: number; column: number } | undefined;
  private elements = 0;
  private readonly held: Held;
  private readonly named: string;

  constructor(named: string, begins: Place) {
    this.named = named;
    this.held = new Held(named);
    this.cursor = new Cursor(begins);
  }

  *read(chunk: Uint8Array): Generator<JsonPiece> {
    let from = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      this.cursor.step(byte);
      if (this.depth === 0) {
        this.between(byte);
        from = at + 1;
      } else if (this.endsElement(byte)) {
        yield* this.element(chunk.subarray(from, at), byte !== comma);
        from = at + 1;
      } else if (this.start === undefined && !blank.has(byte)) {
        this.start = this.cursor.place;
        this.held.take(new Uint8Array(), this.cursor.line);
        from = at;
      }
    }
    if (this.depth > 0) this.held.keep(chunk.subarray(from), this.cursor.line);
  }

  end(): void {
    if (this.depth === 0) return;
    const place = this.start ?? this.cursor.place;
    throw broken(this.named, place, 'The JSON array ends in the middle of the record that begins here.');
  }

  /** Outside any array only white space and the next array may stand. */
  private between(byte: number): void {
    if (byte === 0x5b) {
      this.depth = 1;
      this.elements = 0;
      this.start = undefined;
    } else if (!blank.has(byte)) {
      throw broken(this.named, this.cursor.place, 'Something stands after the end of the JSON array.');
    }
  }

  /** Follows strings and brackets; true at the comma or bracket that ends an element of the outer array. */
  private endsElement(byte: number): boolean {
    if (this.strings.holds(byte)) return false;
    if (opening.has(byte)) this.depth += 1;
    else if (closing.has(byte)) this.depth -= 1;
    return this.depth === 0 || (this.depth === 1 && byte === comma);
  }

  private *element(last: Uint8Array, lastOfArray: boolean): Generator<JsonPiece> {
    const place = this.start ?? this.cursor.place;
    const bytes = this.held.take(this.start ? last : new Uint8Array(), this.cursor.line);
    if (this.start) yield { ...place, bytes };
    else if (!lastOfArray) yield { ...place, bytes: new Uint8Array() };
    else if (this.elements > 0) yield { ...place, bytes: new Uint8Array(), trailingComma: true };
    this.elements += 1;
    this.start = undefined;
  }
}

function broken(named: string, { line, column }: Place, what: string): Error {
  const todo = 'Mend the JSON there, or write one record a line (JSONL), where one wrong line harms no other.';
  return problem('DatasetInvalid', { what, where: `${named}, line ${line}, column ${column}`, todo });
}

function tooLong(named: string, line: number): Error {
  return problem('DatasetInvalid', {
    what: `One record is longer than ${maximumPieceBytes / 1024 / 1024} MiB.`,
    where: `${named}, line ${line}`,
    todo: 'Keep pictures in files of their own rather than inside the record, or end each record with a line break.',
  });
}
