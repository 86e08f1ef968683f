/** A row as a record in all but its pictures: shape, roles, texts and answer are checked here. Reads no file. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Message, Part } from '../../../config/records.js';
import { quoted, RowFault } from '../faults.js';
import type { ImageSource } from '../pictures/imageSource.js';
import type { FileSettings } from '../read/format.js';
import { checkAnswer } from './answers.js';
import { asText, tidy } from './answerText.js';
import type { RawRecord } from './chat.js';
import { placeImages } from './placeholders.js';
import { readRow } from './shapes.js';
import { specialTokenIn } from './specialTokens.js';

/** A row up to its answer, which is not judged yet. */
export interface DraftQuestion {
  id: string | null;
  /** What is asked. */
  messages: Message[];
  images: ImageSource[];
  group: string | null;
  kind: string | null;
  /** The answer as the row has it; null where it has none. */
  given: string | null;
  /** Whether a row without an answer waits for one (R5); else what is said of it. */
  waits: boolean;
  missing: string;
  /** A worse answer as the row has it. */
  worse: string | null;
  repairs: string[];
}

export interface Draft extends Omit<DraftQuestion, 'given' | 'waits' | 'missing' | 'worse'> {
  /** Null: the row has none yet, and waits for one (R5). */
  answer: string | null;
  rejected: string | null;
  /** Keys of a JSON answer that look like a slip of whoever made the labels. */
  oddKeys: string[];
}

/** Throws `RowFault` with the reason why a row can't be used. */
export function draftRecord(row: Record<string, unknown>, settings: FileSettings): Draft {
  return withAnswer(draftQuestion(row, settings), settings.answer, null);
}

/** Throws `RowFault` where the row can't be used, whatever its answer. */
export function draftQuestion(row: Record<string, unknown>, settings: FileSettings): DraftQuestion {
  const { fields } = settings;
  const raw = readRow(row, settings);
  const placed = placeImages(raw);
  const repairs = [...raw.repairs, ...placed.repairs];
  const turns = joinTurns(placed.messages, repairs);
  const last = turns.at(-1);
  const given = last?.role === 'assistant' ? textOf(last) : null;
  const asked = given === null ? turns : turns.slice(0, -1);
  const messages = asked.map((turn) => askedTurn(turn, settings.question));
  for (const message of messages) checkTexts(message);
  const optional = (field: string | undefined) => (field === undefined ? null : optionalText(row[field]));
  return {
    id: optional(fields.id) ?? optional('custom_id'),
    messages,
    images: placed.images,
    group: optional(fields.group),
    kind: optional(fields.kind),
    given,
    waits: waits(raw, settings, placed.images),
    missing: raw.missing ?? 'the last message is not the assistant’s',
    worse: raw.rejected,
    repairs,
  };
}

/**
 * The row with its answer, or with the one that a person accepted in its place. Throws `RowFault` for a bad answer, and
 * for none where the row does not wait for one.
 */
export function withAnswer(asked: DraftQuestion, kind: AnswerKind, reviewed: string | null): Draft {
  const { given: own, waits: mayWait, missing, worse, ...question } = asked;
  const given = reviewed ?? own;
  const repairs = [...question.repairs];
  if (given === null) {
    if (!mayWait) throw new RowFault('answerMissing', missing);
    return { ...question, answer: null, rejected: rejectedOf(worse, null, repairs), oddKeys: [], repairs };
  }
  const { answer, oddKeys } = checkAnswer(given, kind);
  if (answer !== given) repairs.push('answerTidied');
  const said: Message = { role: 'assistant', content: [{ type: 'text', text: answer }] };
  checkTexts(said);
  const rejected = rejectedOf(worse, answer, repairs);
  return { ...question, messages: [...question.messages, said], answer, rejected, oddKeys, repairs };
}

/** A picture that nobody has answered yet is welcome (R5), unless the row should have had an answer. */
function waits(raw: RawRecord, { unanswered }: FileSettings, images: ImageSource[]): boolean {
  if (images.length === 0 || unanswered === 'reject') return false;
  return unanswered === 'wait' || raw.unanswered === 'declared';
}

/** The worse answer of a pair, tidied like any answer. It need not have the wanted form; equal to the better it says nothing. */
function rejectedOf(rejected: string | null, answer: string | null, repairs: string[]): string | null {
  const text = rejected === null ? '' : tidy(rejected);
  if (text !== '' && text !== answer) {
    checkTexts({ role: 'assistant', content: [{ type: 'text', text }] });
    return text;
  }
  if (rejected !== null) repairs.push('rejectedDropped');
  return null;
}

function optionalText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return tidy(Array.isArray(value) ? JSON.stringify(value) : asText(value, 'notAnObject')) || null;
}

/** An optional system message, then user and assistant in turn. Two user messages in a row are one question. */
function joinTurns(messages: Message[], repairs: string[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const before = joined.at(-1);
    if (before?.role === 'user' && message.role === 'user') {
      before.content.push(...message.content);
      repairs.push('turnsJoined');
      continue;
    }
    const expected = before === undefined ? ['system', 'user'] : before.role === 'user' ? ['assistant'] : ['user'];
    if (!expected.includes(message.role))
      throw new RowFault('rolesOutOfOrder', `${message.role} after ${before?.role ?? 'the beginning'}`);
    joined.push({ role: message.role, content: [...message.content] });
  }
  return joined;
}

/** The turn with its texts trimmed at both ends; a user turn that holds a picture only gets the task's question. */
function askedTurn({ role, content }: Message, question: string | null): Message {
  const parts = trimmed(content);
  if (role === 'user' && !parts.some((part) => part.type === 'text')) {
    if (question === null) throw new RowFault('questionMissing', 'a message of the user holds no text');
    parts.push({ type: 'text', text: question });
  }
  if (parts.length === 0)
    throw new RowFault(role === 'assistant' ? 'answerEmpty' : 'questionMissing', `a message of the ${role} is empty`);
  return { role, content: parts };
}

function trimmed(content: Part[]): Part[] {
  const last = content.length - 1;
  return content
    .map((part, index): Part => {
      if (part.type !== 'text') return part;
      const begins = content.slice(0, index).every((before) => before.type === 'image');
      const start = begins ? part.text.trimStart() : part.text;
      return { type: 'text', text: index === last ? start.trimEnd() : start };
    })
    .filter((part) => part.type === 'image' || part.text !== '');
}

function textOf({ content }: Message): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Half a surrogate pair can't be stored as UTF-8; U+FFFD is what a wrong encoding has left of a character. */
const brokenText = /\0|\p{Surrogate}|\ufffd/u;

function checkTexts({ role, content }: Message): void {
  for (const part of content) {
    if (part.type !== 'text') continue;
    const literal = specialTokenIn(part.text);
    if (literal) throw new RowFault('specialToken', `the text of the ${role} holds ${quoted(literal)}`);
    if (brokenText.test(part.text)) throw new RowFault('textBroken', `the text of the ${role} is ${quoted(part.text)}`);
  }
}
