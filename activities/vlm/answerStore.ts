/**
 * Every answer that was received, by the content of its question: asked again by whoever asks the same, it costs
 * nothing. One file a shard, only appended to. Knows nothing of records or purposes.
 */
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { unlessMissing } from '../processes/there.js';
import { sha256 } from '../storage/files.js';
import { JournalFile, readJournal } from './journalFile.js';

const Answered = z.strictObject({
  key: z.string(),
  given: z.string().nullable(),
  outcome: z.enum(['answered', 'cut', 'refused']),
  reason: z.string().nullable(),
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
  milliseconds: z.number().nonnegative(),
});
export type StoredAnswer = z.infer<typeof Answered>;

/** `asked` goes before each call: one without an answer was in flight when its worker died. */
const StoreLine = z.union([
  Answered,
  z.strictObject({ key: z.string(), asked: z.literal(true) }),
  z.strictObject({ key: z.string(), unanswered: z.string() }),
]);
type StoreLine = z.infer<typeof StoreLine>;

/** Calls of one key. */
export interface KeyCalls {
  asked: number;
  answered: number;
  unanswered: number;
}

export class AnswerShard {
  /** Lines that could not be read back, as after a power cut; what they answered is asked again. */
  readonly damaged: number;
  private readonly file: JournalFile;
  private readonly answers = new Map<string, StoredAnswer>();
  private readonly calls = new Map<string, KeyCalls>();

  private constructor(file: JournalFile, read: { lines: StoreLine[]; damaged: number }) {
    this.file = file;
    this.damaged = read.damaged;
    for (const line of read.lines) this.note(line);
  }

  /**
   * Opens or begins a shard. Half a line at its end is closed rather than cut off, since another process may be writing
   * it. Throws NoSpace.
   */
  static async open(folder: string, shard: string): Promise<AnswerShard> {
    const name = path.join(folder, `${shard}.jsonl`);
    const read = (await unlessMissing(readJournal(name, StoreLine))) ?? { lines: [], damaged: 0, rest: 0 };
    if (read.rest > 0) await appendFile(name, '\n');
    return new AnswerShard(await JournalFile.open(name), read);
  }

  get(key: string): StoredAnswer | undefined {
    return this.answers.get(key);
  }

  callsOf(key: string): KeyCalls {
    return this.calls.get(key) ?? { asked: 0, answered: 0, unanswered: 0 };
  }

  /** Resolves when the line is with the system, where a kill of this process can't reach it. */
  asking(key: string): Promise<void> {
    return this.append({ key, asked: true });
  }

  answered(answer: StoredAnswer): Promise<void> {
    return this.append(answer);
  }

  unanswered(key: string, reason: string): Promise<void> {
    return this.append({ key, unanswered: reason.slice(0, 300) });
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private append(line: StoreLine): Promise<void> {
    this.note(line);
    return this.file.append(line);
  }

  private note(line: StoreLine): void {
    const calls = this.callsOf(line.key);
    if ('asked' in line) calls.asked += 1;
    else if ('unanswered' in line) calls.unanswered += 1;
    else {
      calls.answered += 1;
      this.answers.set(line.key, line);
    }
    this.calls.set(line.key, calls);
  }
}

/** The key of a question: all that shapes its answer, and nothing of the machine that asks. */
export function answerKey(content: object): string {
  return sha256(JSON.stringify(content)).slice(0, 32);
}
