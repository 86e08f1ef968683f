/** Reads events.jsonl while the trainer writes it: from where it stopped reading, whole lines only. */
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { TrainingEvent } from '../../config/training.js';
import type { ActivityLog } from '../processes/life.js';
import { unlessMissing } from '../processes/there.js';

const newline = 0x0a;

export class EventLog {
  readonly events: TrainingEvent[] = [];
  private offset = 0;
  private line = 0;
  private readonly file: string;
  private readonly log: ActivityLog;

  constructor(file: string, log: ActivityLog) {
    this.file = file;
    this.log = log;
  }

  /** Reads what is new. Half a line is left for the next reading; a file that isn't there yet has no events. */
  async read(): Promise<void> {
    const bytes = await this.newBytes();
    const end = bytes.lastIndexOf(newline) + 1;
    this.offset += end;
    for (const text of bytes.toString('utf8', 0, end).split('\n').slice(0, -1)) {
      this.line += 1;
      if (text.trim() !== '') this.take(text);
    }
  }

  private async newBytes(): Promise<Buffer> {
    const handle = await unlessMissing(open(this.file));
    if (handle === null) return Buffer.alloc(0);
    try {
      const { size } = await handle.stat();
      const length = Math.max(0, size - this.offset);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, this.offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** A whole line that is no event (the disk was full in the middle of it) is told and passed over: training goes on. */
  private take(text: string): void {
    const parsed = parseEvent(text);
    if (parsed.success) this.events.push(parsed.data);
    else
      this.log.warn(`${this.file}, line ${this.line}, is not an event.`, { text: text.slice(0, 200), why: parsed.why });
  }
}

type Parsed = { success: true; data: TrainingEvent } | { success: false; why: string };

function parseEvent(text: string): Parsed {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return { success: false, why: String(error) };
  }
  const parsed = TrainingEvent.safeParse(content);
  return parsed.success ? parsed : { success: false, why: z.prettifyError(parsed.error) };
}

/** How the job says that it ended. */
export type LastWord = Extract<TrainingEvent, { event: 'finished' | 'interrupted' | 'failed' }>;

/** The job's own last word in this attempt or a later one; undefined while it has not said. */
export function lastWord(events: TrainingEvent[], attempt: number): LastWord | undefined {
  const latest = events.findLast((event) => event.attempt >= attempt);
  if (latest?.event === 'finished' || latest?.event === 'interrupted' || latest?.event === 'failed') return latest;
  return undefined;
}
