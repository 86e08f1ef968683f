/** What of a record or a row is compared between two builds: short, whatever the record holds. */
import type { LedgerRow, Split, TaskRecord } from '../../../config/records.js';
import { sha256 } from '../../storage/files.js';
import { placedPictures, textOf } from '../export/turns.js';

/** Characters of an answer that are kept to be shown. */
const shownCharacters = 200;

export interface RecordFacts {
  id: string;
  split: Split;
  /** The answer's beginning, for a person. */
  shown: string;
  answer: string;
  question: string;
  pictures: string;
  /** Group, kind, quality and whatever else a record says. */
  rest: string;
}

/** The parts of a record whose change is told by name. */
export const comparedParts = ['answer', 'question', 'pictures', 'rest'] as const;
export type ComparedPart = (typeof comparedParts)[number];

export function recordFacts(record: TaskRecord, split: Split): RecordFacts {
  const { id, messages, images: _, ...rest } = record;
  const last = messages.at(-1);
  const answer = last ? textOf(last) : '';
  const asked = messages
    .slice(0, -1)
    .map(({ role, content }) => [role, ...content.map((part) => ('text' in part ? part.text : null))]);
  return {
    id,
    split,
    shown: answer.slice(0, shownCharacters),
    answer: digest(answer),
    question: digest(asked),
    pictures: digest(placedPictures(record).map((picture) => picture.split('/').at(-1))),
    rest: digest(rest),
  };
}

function digest(value: unknown): string {
  return sha256(JSON.stringify(value)).slice(0, 16);
}

export interface RowFacts {
  /** Its id, or file and line where it has none. */
  key: string;
  /** "used", or "rejected: imageNotFound". */
  fate: string;
}

export function rowFacts({ id, source, line, fate, reason }: LedgerRow): RowFacts {
  return { key: id ?? `${source}:${line}`, fate: reason === null ? fate : `${fate}: ${reason}` };
}
