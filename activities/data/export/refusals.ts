/** Why a format can't hold a record, and what mends it. */
import type { TaskRecord } from '../../../config/records.js';
import { quoted } from '../faults.js';
import { placedPictures, textOf } from './turns.js';

export const exportRemedies = {
  placeholderInText: 'Take the literal out of the text, or export to a format with typed parts: trl, openai or jsonl.',
  pictureMissing: 'Build the dataset anew: a message shows a picture that the record does not have.',
  tooManyPictures: 'Show fewer pictures in one record, or tune with another trainer.',
  pictureTooLarge: 'Use a smaller picture.',
  tooManyRows: 'Export fewer records: build with less data, or tune with another trainer.',
  noWorseAnswer: 'Only records with a worse answer make pairs; export the others to a format for answers.',
  sameAnswers: 'Give another worse answer: a pair of equal answers teaches nothing.',
} as const;
export type ExportReason = keyof typeof exportRemedies;

export interface Refusal {
  reason: ExportReason;
  detail: string;
}

/** What ms-swift and LLaMA-Factory take for the place of a picture, a film or a sound, wherever it stands. */
const placeholders = ['<image>', '<video>', '<audio>'];

/** For formats that mark the places of pictures in the text. */
export function placeholderInText({ messages, rejected = '' }: TaskRecord): Refusal | null {
  for (const text of [...messages.map(textOf), rejected]) {
    const literal = placeholders.find((each) => text.includes(each));
    if (literal) return { reason: 'placeholderInText', detail: `${quoted(literal)} stands in the text` };
  }
  return null;
}

/** Places of pictures that the record doesn't have. */
export function pictureMissing(record: TaskRecord): Refusal | null {
  const places = record.messages.flatMap(({ content }) => content.filter(({ type }) => type === 'image')).length;
  const pictures = placedPictures(record).length;
  if (places === pictures) return null;
  return { reason: 'pictureMissing', detail: `${places} places, and pictures for ${pictures}` };
}

export function noPair({ rejected, messages }: TaskRecord): Refusal | null {
  if (rejected === undefined) return { reason: 'noWorseAnswer', detail: 'the record has one answer' };
  const last = messages.at(-1);
  if (last === undefined || textOf(last) !== rejected) return null;
  return { reason: 'sameAnswers', detail: 'the worse answer is the better one' };
}
