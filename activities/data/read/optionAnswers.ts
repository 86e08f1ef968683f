/** Answers of multiple choice by letter or number become the texts of the options that stand beside the question. */
import { quoted, RowFault } from '../faults.js';
import { comparable } from '../records/answerText.js';
import type { Row } from '../records/chat.js';
import type { FileSettings, ReadRow } from './format.js';
import { hiddenOptions, optionsOf, type RowOptions } from './rowOptions.js';

/** What a number of an answer means: an option counted from 0 or from 1, or the text of one; null where nothing tells. */
export type OptionNumbers = 0 | 1 | 'text' | null;

const chosenKinds = ['text', 'label', 'choice', 'yesNo'];
const numeric = /^\d{1,3}$/;

/** By the first rows: a 0 is never counted from 1, and a number as high as there are options never from 0. */
export function optionNumbers(values: Row[], { fields }: FileSettings): OptionNumbers {
  const found = values.flatMap((value) => {
    const options = optionsOf(value);
    const answer = String(value[fields.answer]).trim();
    return options && numeric.test(answer) ? [{ texts: options.texts, answer }] : [];
  });
  if (found.length > 0 && found.every(({ texts, answer }) => texts.includes(answer))) return 'text';
  const fromZero = found.some(({ answer }) => Number(answer) === 0);
  const fromOne = found.some(({ texts, answer }) => Number(answer) === texts.length);
  if (fromZero === fromOne) return null;
  return fromZero ? 0 : 1;
}

export interface OptionRules {
  settings: FileSettings;
  numbers: OptionNumbers;
  questionOf: (value: Row) => string;
}

/** The row with its option's text as its answer (repair `optionNamed`), or with a fault that says why it has none. */
export function withOptionNamed(row: ReadRow, rules: OptionRules): ReadRow {
  const { fields, answer: kind } = rules.settings;
  const options = row.value && optionsOf(row.value);
  const given = row.value?.[fields.answer];
  if (!row.value || !options || !chosenKinds.includes(kind.kind)) return row;
  if (typeof given !== 'string' && typeof given !== 'number') return row;
  const answer = String(given).trim();
  if (kind.kind === 'label' && kind.labels.includes(answer)) return row;
  try {
    const text = numeric.test(answer)
      ? byNumber(answer, options, rules.numbers)
      : byLetter(answer, options, () => isKept(row.value ?? {}, rules));
    if (text === null) return row;
    return { ...row, value: { ...row.value, [fields.answer]: text }, repairs: [...row.repairs, 'optionNamed'] };
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    return { ...row, value: null, fault: error };
  }
}

/** A letter is an answer where the question shows what it stands for, and the task has no letters of its own. */
function isKept(value: Row, { settings, questionOf }: OptionRules): boolean {
  return settings.answer.kind !== 'choice' && hiddenOptions(value, questionOf(value)).length === 0;
}

function byNumber(answer: string, { texts }: RowOptions, numbers: OptionNumbers): string | null {
  const isText = texts.includes(answer);
  if (numbers === 'text' && isText) return null;
  const named = typeof numbers === 'number' ? texts[Number(answer) - numbers] : undefined;
  if (numbers === null || numbers === 'text' || (isText && named !== answer))
    throw new RowFault(
      'optionAmbiguous',
      isText
        ? `${answer} is one of the options ${shown(texts)}, and may be the number of another`
        : `${answer} is the number of one of the options ${shown(texts)}, counted from 0 or from 1`,
    );
  if (named !== undefined) return named;
  throw new RowFault('optionUnknown', `there is no option ${answer}, counted from ${numbers}, among ${shown(texts)}`);
}

/** "B", "(b)", "B." or a letter with the text behind it; null where the answer is none of these, or stays as it is. */
function byLetter(answer: string, { texts, letters }: RowOptions, isKeptLetter: () => boolean): string | null {
  if (texts.some((text) => comparable(text) === comparable(answer))) return null;
  const [, bracketed, bare, rest = ''] =
    /^(?:\(([A-Za-z])\)|([A-Za-z])(?:[.):](?=\s|$)|$))\s*([\s\S]*)$/.exec(answer) ?? [];
  const letter = (bracketed ?? bare)?.toUpperCase();
  if (letter === undefined) return null;
  const named = texts[letters.indexOf(letter)];
  if (named === undefined) throw new RowFault('optionUnknown', `there is no option ${letter} among ${shown(texts)}`);
  if (rest !== '' && comparable(rest) !== comparable(named))
    throw new RowFault('optionUnknown', `the option ${letter} is ${quoted(named)}, and the answer ${quoted(answer)}`);
  return rest === '' && isKeptLetter() ? null : named;
}

function shown(texts: string[]): string {
  return texts
    .slice(0, 6)
    .map((text) => quoted(text, 30))
    .join(', ');
}
