/** TRL's vision datasets: prompt and completion, or prompt, chosen and rejected, of typed parts, with `images`. */
import type { Message } from '../../../config/records.js';
import type { Renderer, Row } from './renderer.js';
import { exchangeOf, origin } from './turns.js';

/** TRL looks at the first row to tell whether there are pictures at all, so `images` is always there (trl/data_utils.py). */
export const trl: Renderer = {
  pictures: 'relative',
  answer: (record, images) => {
    const { asked, answer } = exchangeOf(record);
    return { prompt: asked.map(typed), completion: [said(answer)], images, ...origin(record) };
  },
  preference: (record, images) => {
    const { asked, answer } = exchangeOf(record);
    const pair = { chosen: [said(answer)], rejected: [said(record.rejected ?? '')] };
    return { prompt: asked.map(typed), ...pair, images, ...origin(record) };
  },
  refusal: () => null,
};

function typed({ role, content }: Message): Row {
  return { role, content: content.map((part) => (part.type === 'image' ? { type: 'image' } : part)) };
}

function said(answer: string): Row {
  return { role: 'assistant', content: [{ type: 'text', text: answer }] };
}
