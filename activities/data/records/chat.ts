/** One shape for every way that files write a record: turns with parts, and the pictures that the row names beside them. */

import { quoted, RowFault } from '../faults.js';
import { type ImageSource, imageSourceIn } from '../pictures/imageSource.js';
import { asText } from './answerText.js';

/** A part before placeholders are settled: text, a picture of its own, or the next (or numbered) one of the row's. */
export type RawPart = { text: string } | { source: ImageSource } | { next: true } | { index: number };

export interface RawTurn {
  role: 'system' | 'user' | 'assistant';
  parts: RawPart[];
}

export interface RawRecord {
  shape: 'chat' | 'question';
  turns: RawTurn[];
  /** Pictures named beside the turns, in order. */
  images: ImageSource[];
}

export interface FieldNames {
  image: string;
  question: string;
  answer: string;
}

const roles: Record<string, RawTurn['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  model: 'assistant',
};

/**
 * Recognises the shape of each row by itself: OpenAI messages, LLaVA conversations, TRL prompt and completion,
 * or the plain fields image, question and answer. Throws `RowFault`.
 */
export function readChat(row: Record<string, unknown>, fields: FieldNames, question: string | null): RawRecord {
  const images = rowImages(row, fields.image);
  const turns = row['messages'] ?? row['conversations'];
  if (Array.isArray(turns)) return { shape: 'chat', turns: turns.map(readTurn), images };
  const { prompt, completion } = row;
  if (row[fields.answer] === undefined && prompt !== undefined && completion !== undefined)
    return { shape: 'chat', turns: [...asTurns(prompt, 'user'), ...asTurns(completion, 'assistant')], images };
  return { shape: 'question', turns: plainTurns(row, fields, question), images: atLeastOne(images, row, fields) };
}

function atLeastOne(images: ImageSource[], row: Record<string, unknown>, fields: FieldNames): ImageSource[] {
  if (images.length > 0) return images;
  throw new RowFault('imageMissing', `no picture in field "${fields.image}"; the fields are ${fieldList(row)}`);
}

/** Said of a row that holds no answer. */
export function answerMissing(row: Record<string, unknown>, { shape }: RawRecord, fields: FieldNames): RowFault {
  const detail =
    shape === 'chat'
      ? 'the last message is not the assistant’s'
      : `no field "${fields.answer}"; the fields are ${fieldList(row)}`;
  return new RowFault('answerMissing', detail);
}

function fieldList(row: Record<string, unknown>): string {
  return quoted(Object.keys(row).join(', '), 200);
}

/** `image` or `images`, one or a list; nulls are what a columnar store puts where nothing is. */
function rowImages(row: Record<string, unknown>, field: string): ImageSource[] {
  const value = row[field] ?? row['images'] ?? row['image'];
  const list = Array.isArray(value) ? value : [value];
  return list
    .filter((each) => each !== null && each !== undefined && each !== '')
    .map((each) => {
      const source = imageSourceIn(each);
      if (source) return source;
      throw new RowFault('imageMissing', `${quoted(JSON.stringify(each))} names no picture`);
    });
}

function plainTurns(row: Record<string, unknown>, fields: FieldNames, general: string | null): RawTurn[] {
  const answer = row[fields.answer];
  const asked = row[fields.question];
  const question = asked === undefined || asked === null || asked === '' ? general : asText(asked, 'questionMissing');
  const lacks = (field: string) => `no field "${field}"; the fields are ${fieldList(row)}`;
  const answered = answer !== undefined && answer !== null;
  if (question === null)
    throw answered
      ? new RowFault('questionMissing', lacks(fields.question))
      : new RowFault('answerMissing', lacks(fields.answer));
  const asking: RawTurn = { role: 'user', parts: [{ text: question }] };
  if (!answered) return [asking];
  return [asking, { role: 'assistant', parts: [{ text: asText(answer, 'answerNotText') }] }];
}

function asTurns(value: unknown, role: 'user' | 'assistant'): RawTurn[] {
  return Array.isArray(value) ? value.map(readTurn) : [{ role, parts: readContent(value) }];
}

function readTurn(turn: unknown): RawTurn {
  if (typeof turn !== 'object' || turn === null) throw new RowFault('roleUnknown', 'a message is not an object');
  const { role, from, content, value } = turn as Record<string, unknown>;
  const named = String(role ?? from);
  const known = Object.hasOwn(roles, named) ? roles[named] : undefined;
  if (!known) throw new RowFault('roleUnknown', `${quoted(named)} is no role of a chat`);
  return { role: known, parts: readContent(content ?? value) };
}

function readContent(content: unknown): RawPart[] {
  if (content === null || content === undefined) return [];
  if (Array.isArray(content)) return content.filter((part) => part !== null).map(readPart);
  return [{ text: asText(content, 'partUnknown') }];
}

/** Keys with null are skipped: a columnar store pads every part with the keys of the others. */
function readPart(part: unknown): RawPart {
  if (typeof part === 'string') return { text: part };
  if (typeof part !== 'object') throw new RowFault('partUnknown', `${quoted(String(part))} is no part of a message`);
  const { type, text, image } = part as Record<string, unknown>;
  const isText = ['text', 'input_text', 'output_text'].includes(String(type)) || (!type && typeof text === 'string');
  if (isText) return { text: asText(text ?? '', 'partUnknown') };
  if (type && !['image', 'image_url', 'input_image'].includes(String(type)))
    throw new RowFault('partUnknown', `${quoted(String(type))} parts can't be used`);
  if (typeof image === 'number') return { index: image };
  const source = imageSourceIn(part);
  return source ? { source } : { next: true };
}
