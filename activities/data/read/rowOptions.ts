/** Rows of multiple choice whose options stand beside the question: a record holds the question alone. */
import { listIn, type Row } from '../records/chat.js';

export interface RowOptions {
  texts: string[];
  /** What the row calls each of them, in upper case. */
  letters: string[];
}

const lists = ['options', 'choices'];
const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const isLetter = (key: string) => /^[A-Za-z]$/.test(key);

/** The options of a row, two or more; null where it has none. */
export function optionsOf(row: Row): RowOptions | null {
  const found = lists.map((key) => listed(row[key])).find((each) => each !== null) ?? columns(row);
  const there = found.filter(({ text }) => text !== null && text !== undefined && text !== '');
  if (there.length < 2) return null;
  return { texts: there.map(({ text }) => textOf(text)), letters: there.map(({ letter }) => letter.toUpperCase()) };
}

/** The options of a row that its question does not show; an empty list where there are none. */
export function hiddenOptions(row: Row, question: string): string[] {
  const texts = optionsOf(row)?.texts ?? [];
  return texts.every((text) => question.includes(text)) ? [] : texts;
}

interface Option {
  letter: string;
  text: unknown;
}

/** A list, the text of one, an object by letters, or ARC's two lists; null for everything else. */
function listed(value: unknown): Option[] | null {
  const list = Array.isArray(value) ? value : listIn(value);
  if (list) return lettered(list);
  if (typeof value !== 'object' || value === null) return null;
  const { text, label } = value as Row;
  if (Array.isArray(text)) return Array.isArray(label) ? lettered(text, label.map(String)) : lettered(text);
  const entries = Object.entries(value);
  return entries.every(([key]) => isLetter(key)) ? entries.map(([letter, each]) => ({ letter, text: each })) : null;
}

function lettered(texts: unknown[], letters: string[] = alphabet): Option[] {
  return texts.map((text, at) => ({ letter: letters[at] ?? '', text }));
}

function columns(row: Row): Option[] {
  return 'A' in row && 'B' in row ? alphabet.slice(0, 6).map((letter) => ({ letter, text: row[letter] })) : [];
}

function textOf(option: unknown): string {
  return typeof option === 'object' ? JSON.stringify(option) : String(option);
}
