/** The formats: each makes one variant of a subject, or says why it does not (R7). */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { TaskRecord } from '../../../config/records.js';
import type { VariantWish } from '../../../config/variants.js';
import type { Templates } from '../../../config/variantTemplates.js';
import { letterOf } from '../../../workflows/policies/scoring/choice.js';
import { type Quantity, readQuantity } from '../../../workflows/policies/scoring/quantity.js';
import { type DistractorSources, distractors, poolOf } from './distractors.js';
import type { Draws } from './draws.js';
import { fillIn, jsonFields, onePart, type Subject } from './subject.js';

/** Why a record has no variant of a format. */
export type NotMade =
  | 'notDrawn'
  | 'noQuestion'
  | 'kind'
  | 'tooCommon'
  | 'noDistractors'
  | 'optionsAreLetters'
  | 'noNumber'
  | 'sameAsParent';

export interface Variant {
  question: string;
  answer: string;
  /** Null where it is judged as the record is. */
  kind: AnswerKind | null;
}

export interface Making {
  record: TaskRecord;
  subject: Subject;
  sources: DistractorSources;
  templates: Templates;
  draws: Draws;
}

/** Own wordings replace those of the language. */
function wording(wish: VariantWish, builtIn: readonly string[], draws: Draws): string {
  return draws.pick(wish.templates ?? builtIn);
}

/** Captions, and what is a choice already, have no right answer to set others beside. */
const unsuited: AnswerKind['kind'][] = ['attributes', 'choice', 'yesNo'];
const longestOption = 200;

/** The one part that options are made for; a very common answer is thinned, or its being common would tell it. */
function askedPart({ subject, sources, templates, draws }: Making): Subject | NotMade {
  if (unsuited.includes(subject.kind.kind)) return 'kind';
  const part = onePart(subject, draws, templates.field);
  if (part === null || part.answer.length > longestOption || part.answer.includes('\n')) return 'kind';
  const whole = { ...part, question: subject.question };
  const pool = poolOf(whole, sources.answers);
  const count = pool?.answers.get(part.answer)?.count ?? 1;
  return pool && draws.next() >= pool.cap / count ? 'tooCommon' : part;
}

function freeForm(wish: VariantWish, { subject, templates, draws }: Making): Variant {
  const { question, answer } = subject;
  return { question: fillIn(wording(wish, templates.freeForm, draws), { question }), answer, kind: null };
}

function multipleChoice(wish: VariantWish & { format: 'multipleChoice' }, making: Making): Variant | NotMade {
  const { record, subject, sources, templates, draws } = making;
  const part = askedPart(making);
  if (typeof part === 'string') return part;
  const whole = { ...part, question: subject.question };
  const wrong = distractors(record, whole, { sources, others: wish.options - 1, draws });
  if (wrong === null) return 'noDistractors';
  const place = draws.below(wrong.length + 1);
  const options = draws.shuffled(wrong);
  options.splice(place, 0, part.answer);
  if (options.some((option) => /^[a-z]$/i.test(option.trim()))) return 'optionsAreLetters';
  const lines = options.map((option, index) => `${letterOf(index)}. ${option}`).join('\n');
  const template = wording(wish, templates.multipleChoice, draws);
  const question = fillIn(template, { question: part.question, options: lines });
  return { question, answer: letterOf(place), kind: { kind: 'choice', options } };
}

function yesNo(wish: VariantWish, making: Making): Variant | NotMade {
  const { record, subject, sources, templates, draws } = making;
  const part = askedPart(making);
  if (typeof part === 'string') return part;
  const whole = { ...part, question: subject.question };
  const wrong = distractors(record, whole, { sources, others: 1, draws });
  if (wrong === null) return 'noDistractors';
  const right = draws.next() < 0.5;
  const answer = right ? part.answer : (wrong[0] ?? '');
  const question = fillIn(wording(wish, templates.yesNo, draws), { question: part.question, answer });
  const words = { yes: [...templates.yes], no: [...templates.no] };
  return { question, answer: (right ? words.yes : words.no)[0] ?? '', kind: { kind: 'yesNo', ...words } };
}

type JsonKind = Extract<AnswerKind, { kind: 'json' }>;
type FieldType = JsonKind['fields'][string];

/** Bare JSON in the key order of the schema. */
function json(wish: VariantWish & { format: 'json' }, { subject, templates, draws }: Making): Variant | NotMade {
  if (subject.kind.kind === 'json') {
    const answer = JSON.stringify(Object.fromEntries(jsonFields(subject)));
    return answer === subject.answer ? 'sameAsParent' : { question: subject.question, answer, kind: null };
  }
  if (subject.kind.kind === 'attributes') return 'kind';
  const quantity = quantityOf(subject);
  const object: Record<string, string | number> =
    quantity === null
      ? { [wish.key]: subject.answer }
      : quantity.unit === null
        ? { [wish.key]: quantity.low }
        : { [wish.key]: quantity.low, unit: quantity.unit };
  const types = Object.entries(object).map(([key, value]): [string, FieldType] => [
    key,
    typeof value === 'number' ? 'number' : 'string',
  ]);
  const keys = Object.keys(object)
    .map((key) => `"${key}"`)
    .join(', ');
  const question = fillIn(wording(wish, templates.json, draws), { question: subject.question, keys });
  return { question, answer: JSON.stringify(object), kind: { kind: 'json', fields: Object.fromEntries(types) } };
}

/** The answer as one number; null for ranges and for what is no number, is hedged or could be read in two ways. */
function quantityOf({ answer, kind }: Subject): Quantity | null {
  if (kind.kind !== 'number' && kind.kind !== 'text') return null;
  if (!/\d/.test(answer)) return null;
  const quantity = readQuantity(answer, kind.kind === 'number' ? kind.decimal : '.');
  return quantity === null || quantity === 'ambiguous' || quantity.low !== quantity.high ? null : quantity;
}

function number(wish: VariantWish & { format: 'number' }, making: Making): Variant | NotMade {
  const { subject, templates, draws } = making;
  const part = onePart(subject, draws, templates.field);
  const quantity = part === null ? null : quantityOf(part);
  if (part === null || quantity === null) return 'noNumber';
  const { question, answer } = part;
  const kind: AnswerKind =
    part.kind.kind === 'number'
      ? part.kind
      : { kind: 'number', absoluteTolerance: 0, relativeTolerance: 0, decimal: '.' };
  const { unit } = quantity;
  if (unit === null) {
    if (subject.kind.kind === 'number') return 'sameAsParent';
    return { question: fillIn(wording(wish, templates.number, draws), { question }), answer, kind };
  }
  if (wish.unit === 'keep')
    return { question: fillIn(wording(wish, templates.numberWithUnit, draws), { question, unit }), answer, kind };
  const alone = /[+\-−]?\d[\d.,'’/ \u00a0\u202f]*(?<=\d)/u.exec(answer)?.[0];
  if (alone === undefined) return 'noNumber';
  return { question: fillIn(wording(wish, templates.numberInUnit, draws), { question, unit }), answer: alone, kind };
}

export function makeVariant(wish: VariantWish, making: Making): Variant | NotMade {
  switch (wish.format) {
    case 'freeForm':
      return freeForm(wish, making);
    case 'multipleChoice':
      return multipleChoice(wish, making);
    case 'yesNo':
      return yesNo(wish, making);
    case 'json':
      return json(wish, making);
    case 'number':
      return number(wish, making);
  }
}
