/** Turns with parts, as every way of writing a chat is read; and the pictures that a row names beside them. */
import { quoted, RowFault } from '../faults.js';
import { type ImageSource, imageSourceIn } from '../pictures/imageSource.js';
import { asText } from './answerText.js';

export type Row = Record<string, unknown>;

/** A part before placeholders are settled: text, a picture of its own, or the next (or numbered) one of the row's. */
export type RawPart = { text: string } | { source: ImageSource } | { next: true } | { index: number };

export interface RawTurn {
  role: 'system' | 'user' | 'assistant';
  parts: RawPart[];
}

export interface RawRecord {
  /** In a question the pictures come first; in a chat they have places. */
  layout: 'chat' | 'question';
  /** The last is the answer, where there is one. */
  turns: RawTurn[];
  /** Pictures named beside the turns, in order. */
  images: ImageSource[];
  /** A worse answer, where the row gives a pair. */
  rejected: string | null;
  /** Of a row without an answer: whether it says itself that there is none yet. */
  unanswered: 'declared' | 'absent';
  /** What is said where an answer is missing. */
  missing?: string;
  repairs: string[];
}

const roles: Record<string, RawTurn['role']> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  model: 'assistant',
};

const imageTypes = ['image', 'image_url', 'input_image'];
const textTypes = ['text', 'input_text', 'output_text'];

export function textTurn(role: RawTurn['role'], text: string): RawTurn {
  return { role, parts: [{ text }] };
}

/** A text is one turn of that role, a message or a list of messages is what it says. Throws `RowFault`. */
export function turnsOf(value: unknown, role: RawTurn['role']): RawTurn[] {
  if (Array.isArray(value)) return value.map(readTurn);
  return isTurn(value) ? [readTurn(value)] : [{ role, parts: readContent(value) }];
}

function isTurn(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('role' in value || 'from' in value);
}

/** One message by OpenAI's keys or ShareGPT's. Throws `RowFault` for roles and parts that can't be used. */
export function readTurn(turn: unknown): RawTurn {
  if (typeof turn !== 'object' || turn === null) throw new RowFault('roleUnknown', 'a message is not an object');
  const { role, from, content, value } = turn as Row;
  const named = String(role ?? from)
    .trim()
    .toLowerCase();
  const known = Object.hasOwn(roles, named) ? roles[named] : undefined;
  if (!known)
    throw new RowFault(
      'roleUnknown',
      role || from
        ? `${quoted(named)} is no role of a chat`
        : `a message has no role; its keys are ${fieldList(turn as Row)}`,
    );
  return { role: known, parts: readContent(content ?? value) };
}

/** The texts of a value that should be one answer: a text, a message, or a list whose last message is meant. */
export function answerTextOf(value: unknown): string {
  const last = Array.isArray(value) ? value.at(-1) : value;
  const parts = isTurn(last) ? readTurn(last).parts : readContent(last);
  return parts.map((part) => ('text' in part ? part.text : '')).join('');
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
  const { type, text, image, file_id: fileId, source } = part as Row;
  if (textTypes.includes(String(type)) || (!type && typeof text === 'string'))
    return { text: asText(text ?? '', 'partUnknown') };
  if (type && !imageTypes.includes(String(type)))
    throw new RowFault('partUnknown', `${quoted(String(type))} parts can't be used`);
  if (typeof image === 'number') return { index: image };
  const found = imageSourceIn(part);
  if (found) return { source: found };
  if (fileId || source)
    throw new RowFault('imageMissing', 'the picture lies in a provider’s file store, which can’t be read');
  return { next: true };
}

/** The pictures of the first of these fields that is there; nulls are what a columnar store puts where nothing is. */
export function rowImages(row: Row, field: string): ImageSource[] {
  const value = row[field] ?? row['images'] ?? row['image'];
  const list = Array.isArray(value) ? value : (listIn(value) ?? [value]);
  return list
    .filter((each) => each !== null && each !== undefined && each !== '')
    .map((each) => {
      const source = imageSourceIn(each);
      if (source) return source;
      throw new RowFault('imageMissing', `${quoted(JSON.stringify(each))} names no picture`);
    });
}

/** A list that a table or a column holds as text, in JSON or as Python writes it; undefined for any other text. */
export function listIn(value: unknown): unknown[] | undefined {
  if (typeof value !== 'string' || !/^\s*\[[\s\S]*\]\s*$/.test(value)) return undefined;
  const python = /^\s*\[\s*(?:'[^'"\\]*'\s*(?:,\s*|(?=\])))*\]\s*$/.test(value) ? value.replaceAll("'", '"') : value;
  try {
    const list: unknown = JSON.parse(python.replace(/,\s*\]\s*$/, ']'));
    return Array.isArray(list) ? list : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The system message that a row writes beside its turns. */
export function systemTurns(row: Row, turns: RawTurn[]): RawTurn[] {
  const system = row['system'] ?? row['system_prompt'];
  if (system === undefined || system === null || system === '' || turns[0]?.role === 'system') return turns;
  return [...turnsOf(system, 'system').map((turn) => ({ ...turn, role: 'system' as const })), ...turns];
}

/** Earlier questions with their answers, as pairs. Throws `RowFault` where one is no pair. */
export function historyTurns(history: unknown): RawTurn[] {
  if (history === null || history === undefined || history === '') return [];
  if (!Array.isArray(history)) throw new RowFault('rolesOutOfOrder', '"history" is not a list of pairs');
  return history.flatMap((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new RowFault('rolesOutOfOrder', `${quoted(JSON.stringify(pair))} in "history" is no pair`);
    return [textTurn('user', asText(pair[0], 'partUnknown')), textTurn('assistant', asText(pair[1], 'partUnknown'))];
  });
}

export function fieldList(row: Row): string {
  return quoted(Object.keys(row).join(', '), 200);
}
