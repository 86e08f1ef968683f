/** Rows whose question and answer stand in fields of their own. */
import type { FieldNames } from '../../../config/resolved.js';
import { RowFault } from '../faults.js';
import type { ImageSource } from '../pictures/imageSource.js';
import type { FileSettings } from '../read/format.js';
import { asText, mostGiven } from './answerText.js';
import {
  answerTextOf,
  fieldList,
  historyTurns,
  type RawRecord,
  type RawTurn,
  type Row,
  rowImages,
  systemTurns,
  textTurn,
  turnsOf,
} from './chat.js';
import type { RowShape } from './shape.js';

const isSet = (value: unknown) => value !== null && value !== undefined && value !== '';
const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** The names that ms-swift reads as a question and as an answer, in its order. */
const queryNames = ['query', 'prompt', 'input', 'instruction', 'question', 'problem'];
const responseNames = [
  'response',
  'answer',
  'output',
  'targets',
  'target',
  'answer_key',
  'answers',
  'solution',
  'text',
  'completion',
  'content',
];
const captionNames = ['caption', 'captions', 'text', 'description'];

export const fields: RowShape = {
  name: 'fields',
  fits: (row, { fields: names }) =>
    names.answer in row && (isSet(row[names.answer]) || names.image in row || 'images' in row),
  read: (row, settings) => plain(row, settings),
};

export const alpaca: RowShape = {
  name: 'alpaca',
  fits: (row) => 'instruction' in row && ('output' in row || ('chosen' in row && 'rejected' in row)),
  read(row, settings) {
    const { instruction, input, output, chosen, rejected, kto_tag: liked } = row;
    if (liked === false) throw new RowFault('answerUndesired', 'the row itself marks its answer as undesirable');
    const question = [instruction, input]
      .filter(isSet)
      .map((each) => asText(each, 'questionMissing'))
      .join('\n');
    const answer = 'output' in row ? output : chosen;
    return pair(row, settings, { question, answer, rejected: isSet(chosen) ? rejected : null });
  },
};

export const query: RowShape = {
  name: 'query',
  fits: (row) => isSet(row[nameIn(row, queryNames) ?? '']) && nameIn(row, responseNames) !== undefined,
  read(row, settings) {
    const [asked = '', answered = ''] = [nameIn(row, queryNames), nameIn(row, responseNames)];
    const answer = Array.isArray(row[answered]) ? mostGiven(row[answered]) : row[answered];
    return pair(row, settings, {
      question: asText(row[asked], 'questionMissing'),
      answer,
      rejected: row['rejected_response'],
    });
  },
};

/** A picture and what it shows. Where the task has no question, the picture's language decides how it is asked for. */
export const caption: RowShape = {
  name: 'caption',
  fits: (row, { fields: names }) =>
    captionNames.some((name) => name in row) && [names.image, 'image', 'images'].some((name) => isSet(row[name])),
  read(row, settings) {
    const name = captionNames.find((each) => each in row) ?? '';
    const value = Array.isArray(row[name]) ? mostGiven(row[name]) : row[name];
    const question = settings.question ?? captionQuestion(isText(value) ? String(value) : '');
    const made = pair(row, settings, { question, answer: value, rejected: null });
    return { ...made, repairs: settings.question === null ? ['captionQuestion'] : [] };
  },
};

/** Rule `captionQuestion`: Chinese captions are asked for in Chinese, all others in English. */
export function captionQuestion(text: string): string {
  return /\p{Script=Han}/u.test(text) && !/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)
    ? '请描述这张图片。'
    : 'Describe the picture.';
}

/** The first name that holds something, else the first that is there. */
function nameIn(row: Row, names: string[]): string | undefined {
  return names.find((name) => isSet(row[name])) ?? names.find((name) => name in row);
}

interface Pair {
  question: string;
  answer: unknown;
  rejected: unknown;
}

function pair(row: Row, { fields: names }: FileSettings, { question, answer, rejected }: Pair): RawRecord {
  const turns: RawTurn[] = [...historyTurns(row['history']), textTurn('user', question)];
  if (isSet(answer)) turns.push(...turnsOf(answer, 'assistant'));
  const images = rowImages(row, names.image);
  return {
    layout: turns.length > 2 ? 'chat' : 'question',
    turns: systemTurns(row, turns),
    images,
    rejected: isSet(rejected) ? answerTextOf(rejected) : null,
    unanswered: 'declared',
    repairs: [],
  };
}

function plain(row: Row, { fields: names, question: general }: FileSettings): RawRecord {
  const { [names.answer]: answered, [names.question]: asked } = row;
  const answer = Array.isArray(answered) && answered.length === 1 ? answered[0] : answered;
  const declared = names.answer in row;
  const missing = `no field "${names.answer}"; the fields are ${fieldList(row)}`;
  const question = isSet(asked) ? asText(asked, 'questionMissing') : general;
  if (question === null)
    throw declared
      ? new RowFault('questionMissing', `no field "${names.question}"; the fields are ${fieldList(row)}`)
      : new RowFault('answerMissing', missing);
  const turns = [textTurn('user', question)];
  if (isSet(answer)) turns.push(textTurn('assistant', asText(answer, 'answerNotText')));
  return {
    layout: 'question',
    turns: systemTurns(row, turns),
    images: atLeastOne(rowImages(row, names.image), row, names),
    rejected: null,
    unanswered: declared ? 'declared' : 'absent',
    missing,
    repairs: [],
  };
}

function atLeastOne(images: ImageSource[], row: Row, names: FieldNames): ImageSource[] {
  if (images.length > 0) return images;
  throw new RowFault('imageMissing', `no picture in field "${names.image}"; the fields are ${fieldList(row)}`);
}
