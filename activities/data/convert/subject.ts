/** What a record asks and what is right: the stuff that variants are made from. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Message, TaskRecord } from '../../../config/records.js';
import { comparable } from '../records/answerText.js';
import type { Draws } from './draws.js';

export interface Subject {
  question: string;
  answer: string;
  kind: AnswerKind;
  /** The field that it is of, where the record's answer is JSON; empty otherwise. */
  field: string;
  /** The record's kind of question. */
  slice: string;
}

function textOf({ content }: Message): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The last text of the last user message, which is what templates are put around; null where there is none. */
export function questionOf({ messages }: TaskRecord): string | null {
  const asked = messages.findLast(({ role }) => role === 'user');
  const text = asked?.content.findLast((part) => part.type === 'text');
  return text?.type === 'text' ? text.text : null;
}

/** Null where the record has no question in text or does not end with an answer. */
export function subjectOf(record: TaskRecord, taskKind: AnswerKind): Subject | null {
  const question = questionOf(record);
  const last = record.messages.at(-1);
  if (question === null || last?.role !== 'assistant') return null;
  return { question, answer: textOf(last), kind: record.answerKind ?? taskKind, field: '', slice: record.kind ?? '' };
}

const textKind: AnswerKind = { kind: 'text', ignoreCase: true };
const numberKind: AnswerKind = { kind: 'number', absoluteTolerance: 0, relativeTolerance: 0, decimal: '.' };

/** The fields of a JSON answer, in the schema's order; empty where it is none. */
export function jsonFields({ answer, kind }: Subject): [name: string, value: string | number | boolean][] {
  if (kind.kind !== 'json') return [];
  const object = JSON.parse(answer) as Record<string, string | number | boolean>;
  return Object.keys(kind.fields).flatMap((name) => {
    const value = object[name];
    return value === undefined || value === null ? [] : [[name, value] as [string, string | number | boolean]];
  });
}

/** Each field of a JSON answer as a subject of its own; any other subject as it is. */
export function partsOf(subject: Subject): Subject[] {
  if (subject.kind.kind !== 'json') return [subject];
  return jsonFields(subject).flatMap(([field, value]) =>
    typeof value === 'boolean' || value === ''
      ? []
      : [{ ...subject, answer: String(value), field, kind: typeof value === 'number' ? numberKind : textKind }],
  );
}

/** One part of a subject, with the question put so that it asks for that part alone. */
export function onePart(subject: Subject, draws: Draws, fieldTemplates: readonly string[]): Subject | null {
  const parts = partsOf(subject);
  if (parts.length === 0) return null;
  const part = draws.pick(parts);
  if (part.field === '') return part;
  return { ...part, question: fillIn(draws.pick(fieldTemplates), { question: part.question, field: part.field }) };
}

/** Names of the pools that a subject's answer is drawn into, the narrowest first: question, kind of question, all. */
export function slotsOf({ question, field, slice }: Subject): [string, string, string] {
  return [`q\0${field}\0${slice}\0${comparable(question)}`, `k\0${field}\0${slice}`, `a\0${field}`];
}

/** Puts values in place of their names in braces; what the values hold is left alone. */
export function fillIn(template: string, values: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
