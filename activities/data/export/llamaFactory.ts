/** LLaMA-Factory's sharegpt form with the names of chat messages, and the dataset_info.json that declares it. */
import type { Message } from '../../../config/records.js';
import { placeholderInText } from './refusals.js';
import type { Renderer, Row } from './renderer.js';
import { exchangeOf, origin, textWithPlaces } from './turns.js';

export const llamaFactory: Renderer = {
  pictures: 'relative',
  answer: (record, images) => ({ messages: record.messages.map(turn), images, ...origin(record) }),
  preference: (record, images) => {
    const { asked, answer } = exchangeOf(record);
    const pair = { chosen: said(answer), rejected: said(record.rejected ?? '') };
    return { messages: asked.map(turn), ...pair, images, ...origin(record) };
  },
  refusal: placeholderInText,
};

function turn(message: Message): Row {
  return { role: message.role, content: textWithPlaces(message) };
}

function said(answer: string): Row {
  return { role: 'assistant', content: answer };
}

const tags = {
  role_tag: 'role',
  content_tag: 'content',
  user_tag: 'user',
  assistant_tag: 'assistant',
  system_tag: 'system',
};

export interface DeclaredFile {
  /** Name of the file: train.jsonl. */
  name: string;
  pairs: boolean;
}

/** What a file is called in `dataset:`: train, or train_preference. */
export function datasetName({ name }: DeclaredFile): string {
  return name.replace(/\.jsonl$/, '').replaceAll('-', '_');
}

/** Content of dataset_info.json: one entry a file. */
export function datasetInfo(files: readonly DeclaredFile[]): Record<string, Row> {
  return Object.fromEntries(
    files.map((file) => {
      const columns = { messages: 'messages', images: 'images' };
      const pair = { ranking: true, columns: { ...columns, chosen: 'chosen', rejected: 'rejected' } };
      const entry = { file_name: file.name, formatting: 'sharegpt', ...(file.pairs ? pair : { columns }), tags };
      return [datasetName(file), entry];
    }),
  );
}
