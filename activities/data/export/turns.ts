/** What renderers have in common: a record's pictures in the order of their places, and its messages as text. */
import type { Message, TaskRecord } from '../../../config/records.js';

/** A record taken apart: what was asked, and the answer that is learnt. */
export interface Exchange {
  /** All messages but the last. */
  asked: Message[];
  answer: string;
}

export function exchangeOf({ messages }: Pick<TaskRecord, 'messages'>): Exchange {
  const last = messages.at(-1);
  return { asked: messages.slice(0, -1), answer: last ? textOf(last) : '' };
}

export function textOf({ content }: Message): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The message as one text, with a placeholder where a picture stands. */
export function textWithPlaces({ content }: Message, placeholder = '<image>'): string {
  return content.map((part) => (part.type === 'text' ? part.text : placeholder)).join('');
}

/** File names, one a place, in the order of the places. A picture that is shown twice is named twice. */
export function placedPictures({ messages, images }: Pick<TaskRecord, 'messages' | 'images'>): string[] {
  return messages.flatMap(({ content }) =>
    content.flatMap((part) => {
      const name = part.type === 'image' ? images[part.image] : undefined;
      return name === undefined ? [] : [name];
    }),
  );
}

/** What rows say of a record beside its messages. Always the same keys: Arrow takes its columns from the first rows. */
export function origin({ id, group, kind }: TaskRecord): { id: string; group: string; kind: string } {
  return { id, group, kind: kind ?? '' };
}
