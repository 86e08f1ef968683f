/** Answers of an evaluation as they come, one line each: after a kill only what is missing is asked again. */
import { truncate } from 'node:fs/promises';
import { z } from 'zod';
import { AnswerRow } from '../../config/evaluation.js';
import { JournalFile, readJournal } from './journalFile.js';

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

export class Journal {
  /** Answers by id, those of earlier attempts included. */
  readonly answers: Map<string, JournalLine>;
  /** Lines that could not be read back, as after a power cut; their items are asked again. */
  readonly damaged: number;
  private readonly file: JournalFile;

  private constructor(file: JournalFile, read: { lines: JournalLine[]; damaged: number }) {
    this.file = file;
    this.answers = new Map(read.lines.map((line) => [line.id, line]));
    this.damaged = read.damaged;
  }

  /** Opens or begins a journal; half a line at its end is cut off. Throws NoSpace. */
  static async open(path: string): Promise<Journal> {
    const file = await JournalFile.open(path);
    const read = await readJournal(path, JournalLine);
    if (read.rest > 0) await truncate(path, read.whole);
    return new Journal(file, read);
  }

  /** Seconds spent on the set as of the last answer, all attempts together. */
  get seconds(): number {
    let most = 0;
    for (const { seconds } of this.answers.values()) most = Math.max(most, seconds);
    return most;
  }

  async append(line: JournalLine): Promise<void> {
    this.answers.set(line.id, line);
    await this.file.append(line);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
