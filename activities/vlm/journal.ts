/** Answers as they come, one line each: after a kill only what is missing is asked again. */
import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AnswerRow } from '../../config/evaluation.js';
import { noSpace } from '../storage/files.js';

const JournalLine = AnswerRow.pick({
  id: true,
  given: true,
  reason: true,
  promptTokens: true,
  completionTokens: true,
}).extend({
  outcome: z.enum(['answered', 'cut', 'refused']),
  milliseconds: z.number().nonnegative(),
  seconds: z.number().nonnegative().describe('Time spent on the set up to this answer, all attempts together.'),
});
export type JournalLine = z.infer<typeof JournalLine>;

/** Lines written between two calls of fsync; a kill of the process loses none, a power cut these at most. */
const linesPerSync = 16;

export class Journal {
  /** Answers by id, those of earlier attempts included. */
  readonly answers: Map<string, JournalLine>;
  /** Lines that could not be read back, as after a power cut; their items are asked again. */
  readonly damaged: number;
  private readonly file: FileHandle;
  private readonly path: string;
  private unsynced = 0;

  private constructor(file: FileHandle, path: string, read: { answers: Map<string, JournalLine>; damaged: number }) {
    this.file = file;
    this.path = path;
    this.answers = read.answers;
    this.damaged = read.damaged;
  }

  /** Opens or begins a journal; half a line at its end is cut off. Throws NoSpace. */
  static async open(file: string): Promise<Journal> {
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(file, 'a');
    const bytes = await readFile(file);
    const whole = bytes.lastIndexOf(10) + 1;
    if (whole < bytes.length) await truncate(file, whole);
    return new Journal(handle, file, readLines(bytes.subarray(0, whole).toString('utf8')));
  }

  /** Seconds spent on the set as of the last answer, all attempts together. */
  get seconds(): number {
    let most = 0;
    for (const { seconds } of this.answers.values()) most = Math.max(most, seconds);
    return most;
  }

  async append(line: JournalLine): Promise<void> {
    this.answers.set(line.id, line);
    try {
      await this.file.appendFile(`${JSON.stringify(line)}\n`);
      this.unsynced += 1;
      if (this.unsynced < linesPerSync) return;
      this.unsynced = 0;
      await this.file.datasync();
    } catch (error) {
      throw noSpace(error, this.path) ?? error;
    }
  }

  async close(): Promise<void> {
    try {
      await this.file.datasync();
    } finally {
      await this.file.close();
    }
  }
}

function readLines(text: string): { answers: Map<string, JournalLine>; damaged: number } {
  const answers = new Map<string, JournalLine>();
  let damaged = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const parsed = JournalLine.safeParse(parse(line));
    if (parsed.success) answers.set(parsed.data.id, parsed.data);
    else damaged += 1;
  }
  return { answers, damaged };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
