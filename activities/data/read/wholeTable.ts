/** A file of one object that is all of a table: its columns, or its rows under their names. */
import { type Problem, problem } from '../../../config/problems.js';
import type { Row } from '../records/chat.js';
import { shapeOf } from '../records/shapes.js';
import type { FileSettings } from './format.js';

const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCell = (value: unknown) => typeof value !== 'object' || value === null;

/** The error that says so; null where the only row of a file is a row. */
export function wholeTableIn(row: Row, named: string, settings: FileSettings): Error | null {
  const says = columnsIn(row) ?? rowsByName(row, settings);
  return says && problem('DatasetInvalid', { ...says, where: named });
}

type Says = Pick<Problem, 'what' | 'todo'>;

/** As `to_json` of pandas and `to_dict` write them: lists of one length, or objects by the numbers of the rows. */
function columnsIn(row: Row): Says | null {
  const columns = Object.values(row).map((each) => (isNumbered(each) ? Object.values(each) : each));
  const [first] = columns;
  const isTable =
    columns.length > 1 &&
    Array.isArray(first) &&
    first.length > 1 &&
    columns.every((each) => Array.isArray(each) && each.length === first.length && each.every(isCell));
  return isTable
    ? {
        what: `The file holds one object of ${columns.length} columns, with ${first.length} values each.`,
        todo: 'Write one object a row: to_json("records.jsonl", orient="records", lines=True) of pandas does.',
      }
    : null;
}

function isNumbered(value: unknown): value is Row {
  return isObject(value) && Object.keys(value).every((key, at) => key === String(at));
}

function rowsByName(row: Row, settings: FileSettings): Says | null {
  const rows = Object.values(row);
  const areRows = rows.length > 1 && rows.every((each) => isObject(each) && shapeOf(each, settings) !== undefined);
  return areRows
    ? {
        what: `The file holds one object of ${rows.length} records under their names.`,
        todo: `Write a list of the records, or one a line, each with its name in "${settings.fields.id}".`,
      }
    : null;
}
