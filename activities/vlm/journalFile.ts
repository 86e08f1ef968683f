/** Lines that are never lost once they are told to be written: what comes together goes to the file together. */
import { write } from 'node:fs';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { z } from 'zod';
import { noSpace } from '../storage/files.js';

/** Longest time between two calls of fsync while lines come: a kill loses none, a power cut these at most. */
const syncMilliseconds = 1000;
/** Longest time that a line waits for another to be written with. */
const soonMilliseconds = 20;
/** Half as dear as a handle's own. */
const written = promisify(write);

export class JournalFile {
  private readonly file: FileHandle;
  private readonly path: string;
  private waiting = '';
  private writing: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private syncedAt = Date.now();
  private soon: NodeJS.Timeout | null = null;
  /** Of a line that nobody waited for. */
  private fault: unknown = null;

  private constructor(file: FileHandle, path: string) {
    this.file = file;
    this.path = path;
  }

  /** Opens a file to append to, or begins it. Throws NoSpace. */
  static async open(file: string): Promise<JournalFile> {
    await mkdir(path.dirname(file), { recursive: true });
    return new JournalFile(await open(file, 'a'), file);
  }

  /** Resolves when the line is with the system, where a kill of this process can't reach it. Throws NoSpace. */
  async append(line: object): Promise<void> {
    if (this.fault !== null) throw this.fault;
    this.waiting += `${JSON.stringify(line)}\n`;
    await this.flush();
  }

  /**
   * Writes a line with the next that is appended, or soon: half the writes where one line always follows another. A kill
   * before that loses it. The next line, or the end, throws what this one met.
   */
  appendSoon(line: object): void {
    this.waiting += `${JSON.stringify(line)}\n`;
    this.soon ??= setTimeout(() => {
      this.flush().catch((error) => {
        this.fault ??= error;
      });
    }, soonMilliseconds);
  }

  async close(): Promise<void> {
    try {
      if (this.fault !== null) throw this.fault;
      if (this.waiting !== '') await this.flush();
      await this.next;
      await this.writing;
      await this.file.datasync();
    } finally {
      await this.file.close();
    }
  }

  private flush(): Promise<void> {
    if (this.soon !== null) clearTimeout(this.soon);
    this.soon = null;
    this.next ??= this.afterCurrent();
    return this.next;
  }

  /** Every line that comes while a write goes on joins the one after it. */
  private async afterCurrent(): Promise<void> {
    await this.writing?.catch(() => undefined); // told to those whose lines it had
    const text = this.waiting;
    this.waiting = '';
    this.next = null;
    this.writing = this.write(text);
    await this.writing;
  }

  private async write(text: string): Promise<void> {
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await written(this.file.fd, bytes, at, bytes.length - at, null);
        at += bytesWritten;
      }
      if (Date.now() - this.syncedAt < syncMilliseconds) return;
      await this.file.datasync();
      this.syncedAt = Date.now();
    } catch (error) {
      throw noSpace(error, this.path) ?? error;
    }
  }
}

export interface ReadJournal<Line> {
  lines: Line[];
  /** Lines that could not be read back, as after a power cut. */
  damaged: number;
  /** Bytes up to the end of the last whole line. */
  whole: number;
  /** Bytes of half a line after them. */
  rest: number;
}

/** The whole lines of a journal; half a line at its end is left out. */
export async function readJournal<Line>(file: string, schema: z.ZodType<Line>): Promise<ReadJournal<Line>> {
  const bytes = await readFile(file);
  const whole = bytes.lastIndexOf(10) + 1;
  const read: ReadJournal<Line> = { lines: [], damaged: 0, whole, rest: bytes.length - whole };
  for (const text of bytes.toString('utf8', 0, whole).split('\n')) {
    if (text === '') continue;
    const parsed = schema.safeParse(parse(text));
    if (parsed.success) read.lines.push(parsed.data);
    else read.damaged += 1;
  }
  return read;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
