/** What pairs are built from: answers, the records behind them, and a person's file. */
import { z } from 'zod';
import { AnswerRow } from '../../config/evaluation.js';
import { TaskRecord } from '../../config/records.js';
import { parsedLines } from '../evaluation/lines.js';
import { readPersonsLines } from '../storage/personsLines.js';

/** A line of a person's file: without `chosen` the record's own answer is the better one. */
const OwnPair = z.strictObject({ id: z.string(), chosen: z.string().optional(), rejected: z.string() });
export type OwnPair = z.infer<typeof OwnPair>;

/** Every sample's rows, by the id of the item. Throws DatasetInvalid with file and line. */
export async function answersById(uris: readonly string[]): Promise<Map<string, AnswerRow[]>> {
  const byId = new Map<string, AnswerRow[]>();
  for (const uri of uris)
    for await (const row of parsedLines(uri, AnswerRow)) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
  return byId;
}

/** The records of a set by their id. Throws DatasetInvalid with file and line. */
export async function recordsById(setUri: string): Promise<Map<string, TaskRecord>> {
  const records = new Map<string, TaskRecord>();
  for await (const record of parsedLines(setUri, TaskRecord, 'Build the dataset again; sets are not edited by hand.'))
    records.set(record.id, record);
  return records;
}

/** A person's own pairs. Throws DatasetInvalid with file and line. */
export function ownPairs(file: string): Promise<OwnPair[]> {
  const todo =
    'Write each line as {"id": "the id of a record", "chosen": "…", "rejected": "…"}; chosen may be missing.';
  return readPersonsLines(file, OwnPair, { type: 'DatasetInvalid', todo });
}

/** The text of a record's answer. */
export function answerOf({ messages }: TaskRecord): string {
  return (messages.at(-1)?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
