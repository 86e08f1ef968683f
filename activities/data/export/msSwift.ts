/** ms-swift's own rows: texts with <image>, `images` beside them; a row with `rejected_response` is a pair. */
import type { TaskRecord } from '../../../config/records.js';
import { placeholderInText } from './refusals.js';
import type { Renderer, Row } from './renderer.js';
import { origin, textWithPlaces } from './turns.js';

/** Relative pictures would be looked for in the working directory of the trainer (docs, Custom-dataset). */
export const msSwift: Renderer = {
  pictures: 'absolute',
  answer: (record, images) => ({ messages: messagesOf(record), images, ...origin(record) }),
  preference: (record, images) => ({
    messages: messagesOf(record),
    images,
    rejected_response: record.rejected ?? '',
    ...origin(record),
  }),
  refusal: placeholderInText,
};

/** Only the last answer is learnt, as everywhere in Anneal. `loss` stands at every answer, so that Arrow finds it at once. */
function messagesOf({ messages }: TaskRecord): Row[] {
  return messages.map((message, index) => ({
    role: message.role,
    content: textWithPlaces(message),
    ...(message.role === 'assistant' ? { loss: index === messages.length - 1 } : {}),
  }));
}
