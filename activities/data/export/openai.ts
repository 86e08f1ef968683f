/** OpenAI's fine-tuning rows: chat messages with pictures as data URIs, and pairs for DPO. */
import type { Message } from '../../../config/records.js';
import { noPair } from './refusals.js';
import type { Renderer, Row } from './renderer.js';
import { exchangeOf, textOf } from './turns.js';

/** Of vision fine-tuning: 10 pictures an example, 10 MB a picture, 50,000 examples with pictures a file. */
const limits = { picturesPerRow: 10, pictureBytes: 10_000_000, rowsWithPictures: 50_000 };

/** A row has the keys that the service knows and no other: the record behind it stands in origins.jsonl. */
export const openai: Renderer = {
  pictures: 'inline',
  answer: ({ messages }, pictures) => {
    const picture = taker(pictures);
    const last = messages.length - 1;
    return { messages: messages.map((message, index) => turn(message, picture, index === last)) };
  },
  preference: null,
  refusal: () => null,
  limits,
};

export const openaiDpo: Renderer = {
  pictures: 'inline',
  answer: null,
  preference: (record, pictures) => {
    const { asked, answer } = exchangeOf(record);
    const picture = taker(pictures);
    return {
      input: { messages: asked.map((message) => turn(message, picture, true)) },
      preferred_output: [{ role: 'assistant', content: answer }],
      non_preferred_output: [{ role: 'assistant', content: record.rejected ?? '' }],
    };
  },
  refusal: noPair,
  limits,
};

/** The next picture at each call. */
function taker(pictures: string[]): () => string {
  const rest = pictures.values();
  return () => rest.next().value ?? '';
}

/** Earlier answers carry the weight 0: only the last one is learnt. */
function turn(message: Message, picture: () => string, learnt: boolean): Row {
  const { role, content } = message;
  const pictured = content.some(({ type }) => type === 'image');
  if (!pictured) return { role, content: textOf(message), ...(role === 'assistant' && !learnt ? { weight: 0 } : {}) };
  const parts = content.map((part) =>
    part.type === 'image' ? { type: 'image_url', image_url: { url: picture() } } : part,
  );
  return { role, content: parts };
}
