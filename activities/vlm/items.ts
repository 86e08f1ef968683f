/** The items of a set: which are asked, and as what. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AnswerKind } from '../../config/evaluation.js';
import { problem } from '../../config/problems.js';
import { type Message, type Part, TaskRecord } from '../../config/records.js';
import type { Prompt } from '../../config/resolved.js';
import { statedFormats } from '../../config/variants.js';
import { readJsonLines, sha256, toPath, toUri } from '../storage/files.js';
import type { ChatMessages } from './chat.js';

export interface Item {
  id: string;
  group: string;
  slice: string | null;
  question: string;
  /** URI of the first image. */
  image: string | null;
  expected: string;
  /** How this item is judged, where that is not as the set says. */
  answerKind: AnswerKind | null;
  /** What made it of another record, such as multipleChoice; null for a record as it was (R7). */
  format: string | null;
  /** A variant of another format says itself how it is to be answered, so no template is put around it. */
  asItStands: boolean;
  /** What is sent before the expected answer. */
  messages: Message[];
  /** Paths, by the index that parts name. */
  images: string[];
}

/** Reads a set of task records. Throws DatasetInvalid with file and line. */
export async function readItems(setUri: string): Promise<Item[]> {
  const file = toPath(setUri);
  const items: Item[] = [];
  for await (const value of readJsonLines(file)) {
    const record = TaskRecord.safeParse(value);
    const last = record.data?.messages.at(-1);
    if (!record.success || last?.role !== 'assistant') {
      throw problem('DatasetInvalid', {
        what: 'A line is no task record that ends with the assistant’s answer.',
        where: `${file}, record ${items.length + 1}`,
        todo: 'Build the dataset again; sets are not edited by hand.',
      });
    }
    items.push(toItem(record.data, path.dirname(file)));
  }
  return items;
}

function toItem({ id, group, kind, messages, images, answerKind, from }: TaskRecord, folder: string): Item {
  const paths = images.map((image) => path.join(folder, image));
  const asked = messages.slice(0, -1);
  return {
    id,
    group,
    slice: kind ?? null,
    question: textOf(asked.findLast(({ role }) => role === 'user')?.content ?? []),
    image: paths[0] === undefined ? null : toUri(paths[0]),
    expected: textOf(messages.at(-1)?.content ?? []),
    answerKind: answerKind ?? null,
    format: from?.by ?? null,
    asItStands: answerKind !== undefined && statedFormats.includes(from?.by ?? ''),
    messages: asked,
    images: paths,
  };
}

function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
}

/**
 * The same seed always chooses the same items, and a larger limit keeps those of a smaller one. Order is the set's.
 * The trainer chooses by the same hash (trainer/anneal_trainer/records.py), so that parity compares the same items.
 */
export function chooseItems(items: Item[], limit: number | null, seed: number): Item[] {
  if (limit === null || limit >= items.length) return items;
  const rank = new Map(items.map((item) => [item, sha256(`limit\0${seed}\0${item.id}`)]));
  const ranked = [...items].sort((a, b) => ((rank.get(a) ?? '') < (rank.get(b) ?? '') ? -1 : 1));
  const chosen = new Set(ranked.slice(0, limit));
  return items.filter((item) => chosen.has(item));
}

/**
 * The item as chat messages: parts in the record's order, the prompt's template around the last user message's last text,
 * the prompt's system message instead of the record's.
 */
export async function renderMessages(item: Item, { system, template }: Prompt): Promise<ChatMessages> {
  const lastUser = item.messages.findLastIndex(({ role }) => role === 'user');
  const rendered: ChatMessages = system === null ? [] : [{ role: 'system', content: system }];
  for (const [index, { role, content }] of item.messages.entries()) {
    if (role === 'user') {
      const parts = index === lastUser && !item.asItStands ? fillIn(template, content) : content;
      rendered.push({ role, content: await Promise.all(parts.map((part) => renderPart(part, item))) });
    } else if (role === 'assistant' || system === null) rendered.push({ role, content: textOf(content) });
  }
  return rendered;
}

function fillIn(template: string, content: readonly Part[]): Part[] {
  const last = content.findLastIndex(({ type }) => type === 'text');
  if (last < 0) return [...content, { type: 'text', text: template.split('{question}').join('') }];
  return content.map((part, index) =>
    part.type === 'text' && index === last
      ? { type: 'text', text: template.split('{question}').join(part.text) }
      : part,
  );
}

async function renderPart(part: Part, { id, images }: Item) {
  if (part.type === 'text') return { type: 'text' as const, text: part.text };
  const file = images[part.image];
  if (file === undefined) throw imageMissing(id, `image ${part.image} of ${images.length}`);
  try {
    const url = `data:image/png;base64,${(await readFile(file)).toString('base64')}`;
    return { type: 'image_url' as const, image_url: { url } };
  } catch (error) {
    throw imageMissing(id, file, error);
  }
}

function imageMissing(id: string, where: string, cause?: unknown) {
  return problem(
    'DatasetInvalid',
    {
      what: `The picture of record ${id} can't be read.`,
      where,
      todo: 'Build the dataset again; its folder is not whole.',
    },
    { cause },
  );
}
