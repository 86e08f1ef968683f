/** Rows of multiple choice whose options stand beside the question: a record holds the question alone. */
import type { Row } from '../records/chat.js';

const lists = ['options', 'choices'];
const letters = ['A', 'B', 'C', 'D', 'E', 'F'];

/** The options of a row that its question does not show; an empty list where there are none. */
export function hiddenOptions(row: Row, question: string): string[] {
  const options = optionsOf(row).filter((option) => option !== null && option !== undefined && option !== '');
  const texts = options.map((option) => (typeof option === 'object' ? JSON.stringify(option) : String(option)));
  return texts.length < 2 || texts.every((text) => question.includes(text)) ? [] : texts;
}

function optionsOf(row: Row): unknown[] {
  for (const key of lists) {
    const value = row[key];
    if (typeof value === 'object' && value !== null) return Object.values(value);
  }
  return 'A' in row && 'B' in row ? letters.map((letter) => row[letter]) : [];
}
