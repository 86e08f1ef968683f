/**
 * Answers by content, in files that no two attempts share. A file is named by the range of keys it may hold; whoever
 * wants answers of a range reads those that overlap it. Before a call goes out a line says so, and another what came: what
 * has the first and not the second was on its way when its worker ended.
 */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { unlessMissing } from '../processes/there.js';
import { JournalFile, readJournal } from '../vlm/journalFile.js';
import type { Ask } from './ask.js';

/** What came of one picture. `excluded` is the server's word on this picture alone: it will never take it. */
export const CaptionAnswer = z.strictObject({
  key: z.string(),
  outcome: z.enum(['answered', 'cut', 'refused', 'excluded']),
  given: z.string().nullable(),
  reason: z.string().nullable(),
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
});
export type CaptionAnswer = z.infer<typeof CaptionAnswer>;

const Line = z.union([
  CaptionAnswer,
  z.strictObject({ asked: z.string() }),
  z.strictObject({ ended: z.string() }),
  z.looseObject({ ask: z.looseObject({}) }),
]);

/** First and last key of a range, both inside. */
export interface KeyRange {
  from: string;
  to: string;
}

export interface StoredAnswers {
  answers: Map<string, CaptionAnswer>;
  /** Those of them that this run received, and their tokens. */
  received: number;
  promptTokens: number;
  completionTokens: number;
  /** Calls of this run that were on their way when their attempt ended. */
  interrupted: number;
  damaged: number;
}

const fileName = /^([0-9a-f]{32})-([0-9a-f]{32})\.(.+)\.[0-9a-f-]{36}\.jsonl$/;

/** Answers in a range of keys, whichever run received them. */
export async function readAnswers(folder: string, { from, to }: KeyRange, run: string): Promise<StoredAnswers> {
  const none = { received: 0, promptTokens: 0, completionTokens: 0, interrupted: 0, damaged: 0 };
  const found: StoredAnswers = { answers: new Map(), ...none };
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const [, first = '', last = '', by] = fileName.exec(name) ?? [];
    if (first === '' || first > to || last < from) continue;
    const { lines, damaged } = await readJournal(path.join(folder, name), Line);
    const open = new Set<string>();
    for (const line of lines) {
      if ('asked' in line) open.add(String(line.asked));
      else if ('ended' in line) open.delete(String(line.ended));
      else if ('key' in line) {
        const answer = line as CaptionAnswer;
        open.delete(answer.key);
        if (answer.key < from || answer.key > to || found.answers.has(answer.key)) continue;
        found.answers.set(answer.key, answer);
        if (by !== run) continue;
        found.received += 1;
        found.promptTokens += answer.promptTokens;
        found.completionTokens += answer.completionTokens;
      }
    }
    found.damaged += damaged;
    if (by === run) for (const key of open) if (key >= from && key <= to) found.interrupted += 1;
  }
  return found;
}

/** Where one attempt writes down what it asks and what it gets. */
export class AnswerWriter {
  private readonly path: string;
  private readonly ask: object;
  private opening: Promise<JournalFile> | null = null;

  /** The file is made at the first line: an attempt with nothing to ask leaves none. */
  constructor(
    folder: string,
    { from, to }: KeyRange,
    { run, ask, baseUrl }: { run: string; ask: Ask; baseUrl: string },
  ) {
    this.path = path.join(folder, `${from}-${to}.${run}.${randomUUID()}.jsonl`);
    this.ask = { ...ask, baseUrl, at: new Date().toISOString() };
  }

  /** Resolves when it is written down that a call goes out. Throws NoSpace, as all of these. */
  async asked(key: string): Promise<void> {
    await (await this.file()).append({ asked: key });
  }

  /** Written with the next question, which the same lane asks at once, or a moment later. */
  async received(answer: CaptionAnswer): Promise<void> {
    (await this.file()).appendSoon(answer);
  }

  /** The call came to nothing that lasts: it will be asked again. */
  async ended(key: string): Promise<void> {
    await (await this.file()).append({ ended: key });
  }

  async close(): Promise<void> {
    if (this.opening) await (await this.opening).close();
  }

  private file(): Promise<JournalFile> {
    this.opening ??= this.begin();
    return this.opening;
  }

  private async begin(): Promise<JournalFile> {
    const file = await JournalFile.open(this.path);
    await file.append({ ask: this.ask });
    return file;
  }
}
