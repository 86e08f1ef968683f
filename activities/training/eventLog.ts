/** Reads events.jsonl while the trainer writes it: from where it stopped reading, whole lines only. */
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { TrainingEvent } from '../../config/training.js';
import type { ActivityLog } from '../processes/life.js';
import { unlessMissing } from '../processes/there.js';
import { naming } from '../storage/files.js';

const newline = 0x0a;
/** Bytes before the place of reading by which a file is known again. */
const rememberedBytes = 1000;

export class EventLog {
  readonly events: TrainingEvent[] = [];
  /** Whole lines read so far, events or not: a trainer that writes them lives. */
  lines = 0;
  private offset = 0;
  private before = Buffer.alloc(0);
  private readonly file: string;
  private readonly log: ActivityLog;

  constructor(file: string, log: ActivityLog) {
    this.file = file;
    this.log = log;
  }

  /** Reads what is new. Half a line is left for the next reading; a file that isn't there yet has no events. */
  async read(): Promise<void> {
    const bytes = await this.newBytes().catch(naming(this.file));
    const end = bytes.lastIndexOf(newline) + 1;
    this.offset += end;
    const last = bytes.subarray(Math.max(0, end - rememberedBytes), end);
    this.before = Buffer.concat([this.before, last]).subarray(-rememberedBytes);
    for (const text of bytes.toString('utf8', 0, end).split('\n').slice(0, -1)) {
      this.lines += 1;
      if (text.trim() !== '') this.take(text);
    }
  }

  private async newBytes(): Promise<Buffer> {
    const handle = await unlessMissing(open(this.file));
    if (handle === null) return Buffer.alloc(0);
    try {
      const { size } = await handle.stat();
      if (!(await this.goesOn(handle))) this.beginAgain();
      const length = size - this.offset;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, this.offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** Whether what was read last still stands before the place of reading. */
  private async goesOn(handle: FileHandle): Promise<boolean> {
    const { length } = this.before;
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, this.offset - length);
    return buffer.equals(this.before);
  }

  /** Somebody emptied or replaced the file. What was read of it counts on: a step that comes again is the same step. */
  private beginAgain(): void {
    this.log.warn(`${this.file} was emptied or replaced and is read anew.`);
    this.offset = 0;
    this.before = Buffer.alloc(0);
  }

  /** A whole line that is no event (the disk was full in the middle of it) is told and passed over: training goes on. */
  private take(text: string): void {
    const parsed = parseEvent(text);
    if (parsed.success) this.events.push(parsed.data);
    else
      this.log.warn(`${this.file}, line ${this.lines}, is not an event.`, {
        text: text.slice(0, 200),
        why: parsed.why,
      });
  }
}

type Parsed = { success: true; data: TrainingEvent } | { success: false; why: string };

function parseEvent(text: string): Parsed {
  try {
    return asEvent(jsonOf(text.replace(byteOrderMark, '')));
  } catch (error) {
    return { success: false, why: String(error) };
  }
}

/** A field that only later versions know is left out: a trainer may be newer than the worker that watches it. */
function asEvent(content: unknown): Parsed {
  const parsed = TrainingEvent.safeParse(content);
  if (parsed.success) return parsed;
  const unknown = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  if (unknown.length === 0) return { success: false, why: z.prettifyError(parsed.error) };
  return asEvent(Object.fromEntries(Object.entries(content as object).filter(([name]) => !unknown.includes(name))));
}

/** Editors of some systems set it before the first line. */
const byteOrderMark = /^\uFEFF/;

/** Words are looked for where it is no JSON: in a line of megabytes that takes long. */
function jsonOf(text: string): unknown {
  const asFigure = (key: string, value: unknown) => (isNoNumber(key, value) ? null : value);
  try {
    return JSON.parse(text, asFigure);
  } catch {
    return JSON.parse(withoutWords(text), asFigure);
  }
}

const noNumber = '[+-]?(?:nan|inf(?:inity)?)';
const bareWord = new RegExp(`"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|${noNumber}\\b`, 'gi');
const wholeWord = new RegExp(`^${noNumber}$`, 'i');

/** Many writers of JSON, Python's and C's among them, write words for what is no number; the contract says null. */
function withoutWords(text: string): string {
  return text.replace(bareWord, (found) => (found.startsWith('"') ? found : 'null'));
}

/** 1e999 is a number in JSON, and infinity when it is read; others put the words in quotes. */
function isNoNumber(key: string, value: unknown): boolean {
  if (typeof value === 'string') return key !== 'message' && wholeWord.test(value);
  return typeof value === 'number' && !Number.isFinite(value);
}

/** How the job says that it ended. */
export type LastWord = Extract<TrainingEvent, { event: 'finished' | 'interrupted' | 'failed' }>;

/** The job's own last word in this attempt or a later one; undefined while it has not said. */
export function lastWord(events: TrainingEvent[], attempt: number): LastWord | undefined {
  const latest = events.findLast((event) => event.attempt >= attempt);
  if (latest?.event === 'finished' || latest?.event === 'interrupted' || latest?.event === 'failed') return latest;
  return undefined;
}
