/** Whether an answer has the form that the task declares. */
import type { AnswerKind } from '../../../config/evaluation.js';
import { didYouMean } from '../../../config/suggest.js';
import { scoreAnswer } from '../../../workflows/policies/scoring/score.js';
import { endsInThoughts } from '../../../workflows/policies/scoring/thoughts.js';
import { quoted, RowFault } from '../faults.js';
import { repeatedKeyIn } from '../read/jsonRecord.js';
import { tidy } from './answerText.js';

export interface CheckedAnswer {
  answer: string;
  oddKeys: string[];
}

/** Keys that belong to a chat's structure: inside an answer they show that the labels were cut out wrongly. */
const chatKeys = ['role', 'content', 'from', 'value', 'messages', 'conversations'];

/** The answer without white space at its ends, in NFC, spelt as the label is. Throws `RowFault`. */
export function checkAnswer(given: string, kind: AnswerKind): CheckedAnswer {
  const answer = tidy(given);
  if (answer === '') throw new RowFault('answerEmpty', 'the answer holds no text');
  if (endsInThoughts(answer)) throw new RowFault('answerInThoughts', 'the answer ends inside its thoughts (<think>)');
  if (kind.kind === 'label') return { answer: asLabel(answer, kind.labels), oddKeys: [] };
  if (kind.kind === 'number' && !isNumber(answer, kind.decimal)) throw notANumber(answer, kind.decimal);
  if (kind.kind === 'choice' && scoreAnswer(kind, answer, answer).score < 1)
    throw new RowFault('answerNotInLabels', `${quoted(answer)} is neither a letter nor one of the options`);
  const truth = kind.kind === 'yesNo' ? /^(?:(true)|false)$/i.exec(answer) : null;
  if (kind.kind === 'yesNo' && truth) return { answer: (truth[1] ? kind.yes : kind.no)[0] ?? answer, oddKeys: [] };
  if (kind.kind === 'yesNo' && scoreAnswer(kind, answer, answer).score < 1)
    throw new RowFault('answerNotInLabels', `${quoted(answer)} is neither ${kind.yes[0]} nor ${kind.no[0]}`);
  const object = jsonObject(answer);
  const repeated = object && repeatedKeyIn(answer, object);
  if (repeated) throw new RowFault('keyRepeated', `the answer has two values under the key ${repeated}`);
  if (kind.kind === 'json') checkFields(object, kind.fields, answer);
  const declared = kind.kind === 'json' ? kind.fields : {};
  const oddKeys = Object.keys(object ?? {}).filter((key) => !Object.hasOwn(declared, key));
  return { answer, oddKeys: kind.kind === 'json' ? oddKeys : oddKeys.filter((key) => chatKeys.includes(key)) };
}

function notANumber(answer: string, decimal: '.' | ','): RowFault {
  const other = decimal === '.' ? ',' : '.';
  const hint = isNumber(answer, other) ? `; it is one with "${other}"` : '';
  return new RowFault(
    'answerNotANumber',
    `${quoted(answer)} is not one number with the decimal sign "${decimal}"${hint}`,
  );
}

function asLabel(answer: string, labels: string[]): string {
  const same = labels.find((label) => tidy(label) === answer);
  if (same !== undefined) return same;
  throw new RowFault(
    'answerNotInLabels',
    `${quoted(answer)} is none of the ${labels.length} labels${hintOf(answer, labels)}`,
  );
}

/** Looked through for every bad answer, of which there may be millions. */
const comparedLabels = 1000;

function hintOf(answer: string, labels: string[]): string {
  const same = labels.find((label) => tidy(label).toLowerCase() === answer.toLowerCase());
  if (same !== undefined) return `; the label is spelt ${quoted(same)}`;
  if (/^\d+$/.test(answer) && Number(answer) <= labels.length)
    return '; if it is the number of a label, write its name';
  const near = labels.length > comparedLabels ? undefined : didYouMean(answer, labels);
  return near === undefined ? '' : `; the nearest label is ${quoted(near)}`;
}

/** One number, grouped or not, with an optional unit or per cent sign after it: not a range, a fraction or a word. */
function isNumber(answer: string, decimal: '.' | ','): boolean {
  const groups = decimal === '.' ? ",'’ \u00a0\u202f" : ".'’ \u00a0\u202f";
  const digits = `(?:\\d{1,3}(?:[${groups}]\\d{3})+|\\d+)(?:[${decimal}]\\d+)?|[${decimal}]\\d+`;
  const unit = '(?:\\s*[^\\d\\s.,/+\\-–−][^\\s]{0,15})?';
  return new RegExp(`^[+\\-−]?(?:[$€£¥]\\s?)?(?:${digits})(?:[eE][+-]?\\d+)?${unit}$`, 'u').test(answer);
}

function jsonObject(answer: string): Record<string, unknown> | undefined {
  if (!answer.startsWith('{')) return undefined;
  try {
    return JSON.parse(answer) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type JsonFields = Extract<AnswerKind, { kind: 'json' }>['fields'];

function checkFields(object: Record<string, unknown> | undefined, fields: JsonFields, answer: string): void {
  if (!object) throw new RowFault('answerNotJson', `${quoted(answer)} is not a JSON object`);
  for (const [name, type] of Object.entries(fields)) {
    const value = object[name];
    const fits = type === 'integer' ? Number.isInteger(value) : typeof value === type;
    if (!fits)
      throw new RowFault(
        'answerNotJson',
        value === undefined
          ? `field ${quoted(name)} is missing`
          : `field ${quoted(name)} is ${quoted(JSON.stringify(value))}, not ${type}`,
      );
  }
}
