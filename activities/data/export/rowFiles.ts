/** The files of an export: each opened at its first row, so that no trainer meets an empty one. */
import path from 'node:path';
import type { TaskRecord } from '../../../config/records.js';
import { LineWriter } from '../build/lineWriter.js';
import type { Row } from './renderer.js';

interface OpenFile {
  writer: LineWriter;
  rows: number;
}

export class RowFiles {
  private readonly folder: string;
  private readonly files = new Map<string, OpenFile>();
  private origins: LineWriter | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes the row, and in origins.jsonl which record it was. */
  async write(
    name: string,
    row: Row,
    { messages: _, images: __, rejected: ___, ...origin }: TaskRecord,
  ): Promise<void> {
    let file = this.files.get(name);
    if (!file) {
      file = { writer: await LineWriter.open(path.join(this.folder, name)), rows: 0 };
      this.files.set(name, file);
    }
    await file.writer.write(row);
    file.rows += 1;
    this.origins ??= await LineWriter.open(path.join(this.folder, 'origins.jsonl'));
    await this.origins.write({ file: name, row: file.rows, ...origin });
  }

  async close(): Promise<{ name: string; rows: number; sha256: string }[]> {
    const closed: { name: string; rows: number; sha256: string }[] = [];
    await this.origins?.close();
    for (const [name, { writer, rows }] of this.files) closed.push({ name, rows, sha256: await writer.close() });
    return closed;
  }
}
