/** The records that a rewriting is about, with the row that each is from. Reads a dataset folder as streams. */
import path from 'node:path';
import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { LedgerRow, Message, type Split, splitNames, TaskRecord, UnsettledRow } from '../../config/records.js';
import type { RewritePlan } from '../../config/rewriting.js';
import { hasForm } from '../../workflows/policies/rewriting/formFix.js';
import { questionKey } from '../data/checks/duplicates.js';
import { isThere } from '../processes/there.js';
import { readJsonLines } from '../storage/files.js';

export const RewriteItem = z.strictObject({
  record: z.string(),
  source: z.string().nullable(),
  line: z.int().nullable(),
  question: z.string().describe('Key of the question.'),
  messages: z.array(Message).describe('What is asked.'),
  images: z.array(z.string()).describe('Files, relative to the dataset folder.'),
  before: z.string().nullable(),
});
export type RewriteItem = z.infer<typeof RewriteItem>;

/** Every record of a dataset folder, and every row of it whose answer is missing or misshapen; each once. */
export async function* datasetItems(folder: string): AsyncGenerator<RewriteItem> {
  if (!(await isThere(path.join(folder, 'manifest.json')))) throw noDataset(folder);
  yield* usedRecords(folder);
  for await (const line of linesOf(folder, 'unsettled')) {
    const { source, line: at, id, messages, images, given } = UnsettledRow.parse(line);
    yield { record: id, source, line: at, ...asked(messages, images), before: given };
  }
}

/** Whether a purpose has anything to do with a record. */
export function concerns(
  { purpose, answer }: Pick<RewritePlan, 'purpose' | 'answer'>,
  { before }: RewriteItem,
): boolean {
  if (purpose === 'answer') return before === null;
  if (before === null) return false;
  return purpose === 'format' ? !hasForm(answer, before) : hasForm(answer, before);
}

/** The ledger has the rows in the order in which each split has its records: read together they say where each is from. */
async function* usedRecords(folder: string): AsyncGenerator<RewriteItem> {
  const splits = Object.fromEntries(splitNames.map((name) => [name, linesOf(folder, name)])) as Record<
    Split,
    AsyncGenerator<unknown>
  >;
  for await (const line of linesOf(folder, 'ledger')) {
    const row = LedgerRow.parse(line);
    if (row.fate !== 'used' || row.split === null) continue;
    const record = TaskRecord.safeParse((await splits[row.split].next()).value);
    if (record.data?.id !== row.id || !record.data) throw brokenDataset(folder, row);
    const { id, messages, images } = record.data;
    const place = { source: row.source, line: row.line };
    yield { record: id, ...place, ...asked(messages.slice(0, -1), images), before: textOf(messages.at(-1)) };
  }
}

async function* linesOf(folder: string, name: string): AsyncGenerator<unknown> {
  const file = path.join(folder, `${name}.jsonl`);
  if (await isThere(file)) yield* readJsonLines(file);
}

function asked(messages: Message[], images: string[]): Pick<RewriteItem, 'question' | 'messages' | 'images'> {
  const answer: Message = { role: 'assistant', content: [] };
  return { question: questionKey([...messages, answer], images.map(digestOf)), messages, images };
}

/** images/<digest>.png */
export function digestOf(image: string): string {
  return path.basename(image, '.png');
}

export function textOf(message: Message | undefined): string {
  return (message?.content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
}

/** The last thing that the user says: what a person is shown as the question. */
export function questionText({ messages }: RewriteItem): string {
  return textOf(messages.findLast(({ role }) => role === 'user'));
}

function noDataset(folder: string): Error {
  return problem('InvalidInput', {
    what: 'There is no dataset: the folder has no manifest.json.',
    where: folder,
    todo: 'Name a folder below .anneal/datasets, or give "task" and let it be built.',
  });
}

function brokenDataset(folder: string, { id, split }: LedgerRow): Error {
  return problem('DatasetInvalid', {
    what: `The ledger says that record ${id} is next in ${split}.jsonl, and it is not.`,
    where: folder,
    todo: 'Build the dataset again; its files are not edited by hand.',
  });
}
