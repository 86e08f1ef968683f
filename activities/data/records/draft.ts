/** A row as a record in all but its pictures: shape, roles, texts and answer are checked here. Reads no file. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Message, Part } from '../../../config/records.js';
import type { DataSource } from '../../../config/resolved.js';
import { quoted, RowFault } from '../faults.js';
import type { ImageSource } from '../pictures/imageSource.js';
import { checkAnswer } from './answers.js';
import { asText, tidy } from './answerText.js';
import { answerMissing, readChat } from './chat.js';
import { placeImages } from './placeholders.js';
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
  /** Said where an answer is missing. */
  missing: RowFault;
  repairs: string[];
}

export interface Draft extends Omit<DraftQuestion, 'given' | 'missing'> {
  answer: string;
  /** Keys of a JSON answer that look like a slip of whoever made the labels. */
  oddKeys: string[];
}

/** Throws `RowFault` with the reason why a row can't be used. */
export function draftRecord(row: Record<string, unknown>, source: DataSource): Draft {
  return withAnswer(draftQuestion(row, source), source.answer, null);
}

/** Throws `RowFault` where the row can't be used, whatever its answer. */
export function draftQuestion(row: Record<string, unknown>, source: DataSource): DraftQuestion {
  const { fields } = source;
  const chat = readChat(row, fields, source.question);
  const placed = placeImages(chat);
  const repairs = [...placed.repairs];
  const turns = joinTurns(placed.messages, repairs);
  const last = turns.at(-1);
  const given = last?.role === 'assistant' ? textOf(last) : null;
  const asked = given === null ? turns : turns.slice(0, -1);
  const messages = asked.map((turn) => askedTurn(turn, source.question));
  for (const message of messages) checkTexts(message);
  const optional = (field: string | undefined) => (field === undefined ? null : optionalText(row[field]));
  return {
    id: optional(fields.id),
    messages,
    images: placed.images,
    group: optional(fields.group),
    kind: optional(fields.kind),
    given,
    missing: answerMissing(row, chat, fields),
    repairs,
  };
}

/** The row with its answer, or with the one that a person accepted in its place. Throws `RowFault` for a bad answer. */
export function withAnswer(
  { given: own, missing, ...question }: DraftQuestion,
  kind: AnswerKind,
  reviewed: string | null,
): Draft {
  const given = reviewed ?? own;
  if (given === null) throw missing;
  const { answer, oddKeys } = checkAnswer(given, kind);
  const said: Message = { role: 'assistant', content: [{ type: 'text', text: answer }] };
  checkTexts(said);
  const repairs = [...question.repairs, ...(answer === given ? [] : ['answerTidied'])];
  return { ...question, messages: [...question.messages, said], answer, oddKeys, repairs };
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

/** Half a surrogate pair can't be stored as UTF-8. */
const brokenText = /\0|\p{Surrogate}/u;

function checkTexts({ role, content }: Message): void {
  for (const part of content) {
    if (part.type !== 'text') continue;
    const literal = specialTokenIn(part.text);
    if (literal) throw new RowFault('specialToken', `the text of the ${role} holds ${quoted(literal)}`);
    if (brokenText.test(part.text)) throw new RowFault('textBroken', `the text of the ${role} is ${quoted(part.text)}`);
  }
}
