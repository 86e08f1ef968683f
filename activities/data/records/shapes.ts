/** Recognises the shape of each row by itself; files mix them. */

import { quoted, type Reason, RowFault } from '../faults.js';
import type { FileSettings } from '../read/format.js';
import { withBoxes } from './boxes.js';
import type { RawRecord, Row } from './chat.js';
import { batch, conversation, conversations, messages, preference, prompt } from './chatShapes.js';
import { alpaca, caption, fields, query } from './fieldShapes.js';
import type { RowShape } from './shape.js';

/** Those with the surest signs first: a row is of the first that fits. */
const shapes: readonly RowShape[] = [
  preference,
  batch,
  messages,
  conversations,
  conversation,
  prompt,
  fields,
  alpaca,
  query,
  caption,
];

/** A record would lose what stands in these keys beside its turns. */
const unreadMedia: readonly [key: string, Reason][] = [
  ['videos', 'videoNotRead'],
  ['audios', 'partUnknown'],
];

/** The shape that the task names, else the first that fits; undefined where none does. */
export function shapeOf(row: Row, settings: FileSettings): RowShape | undefined {
  const wanted = shapes.find(({ name }) => name === settings.format);
  if (wanted) return wanted;
  // A field that the task names itself says more than what else the row holds.
  const told = settings.fields.answer !== 'answer' && settings.fields.answer in row;
  const found = told ? fields : shapes.find((shape) => shape.fits(row, settings));
  // A picture alone is a row too where answers may come later (R5).
  return found ?? (settings.unanswered === 'wait' && settings.fields.image in row ? fields : undefined);
}

/** One shape for every way that files write a record. Throws `RowFault`. */
export function readRow(row: Row, settings: FileSettings): RawRecord {
  for (const [key, reason] of unreadMedia)
    if (Array.isArray(row[key]) && row[key].length > 0)
      throw new RowFault(reason, `"${key}" names ${quoted(JSON.stringify(row[key]))}`);
  return withBoxes((shapeOf(row, settings) ?? fields).read(row, settings), row);
}
