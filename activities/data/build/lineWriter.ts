/** Writes JSON Lines and knows the digest of what it wrote. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { noSpace } from '../../storage/files.js';

const bufferCharacters = 1024 * 1024;

/** U+2028 and U+2029 are escaped: some readers take them for the end of a line. */
function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')}\n`;
}

export class LineWriter {
  private readonly file: string;
  private readonly handle: FileHandle;
  private readonly hash = createHash('sha256');
  private buffered = '';

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.handle = handle;
  }

  static async open(file: string): Promise<LineWriter> {
    return new LineWriter(file, await open(file, 'w'));
  }

  async write(value: unknown): Promise<void> {
    this.buffered += jsonLine(value);
    if (this.buffered.length >= bufferCharacters) await this.flush();
  }

  /** Closes the file; returns the SHA-256 of its content. Throws `NoSpace`. */
  async close(): Promise<string> {
    try {
      await this.flush();
    } finally {
      await this.handle.close();
    }
    return this.hash.digest('hex');
  }

  /** Opens a file, has it written and closes it, whatever happens; returns the SHA-256 of its content. */
  static async writing(file: string, write: (writer: LineWriter) => Promise<void>): Promise<string> {
    const writer = await LineWriter.open(file);
    try {
      await write(writer);
    } catch (error) {
      await writer.close();
      throw error;
    }
    return writer.close();
  }

  private async flush(): Promise<void> {
    const text = this.buffered;
    this.buffered = '';
    this.hash.update(text);
    try {
      await this.handle.appendFile(text);
    } catch (error) {
      throw noSpace(error, this.file) ?? error;
    }
  }
}
