/** Anneal's own records as one file a split, to be read by another task or by programs. */
import type { Renderer } from './renderer.js';

/** Pictures are numbered by their places, as the list beside them is. */
export const anneal: Renderer = {
  pictures: 'relative',
  answer: (record, images) => {
    let place = 0;
    const messages = record.messages.map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === 'image' ? { type: 'image', image: place++ } : part)),
    }));
    return { ...record, messages, images };
  },
  preference: null,
  refusal: () => null,
};
