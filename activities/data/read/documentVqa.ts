/** DocVQA and TextVQA: one JSON object whose `data` are questions with several right answers. */
import { RowFault } from '../faults.js';
import { mostGiven } from '../records/answerText.js';
import type { FileFormat, Opening, RowFile } from './format.js';
import { type Entry, firstOf, imageFolder, isId, joinedRow, rowsOf } from './joined.js';
import { rowFile } from './rowFile.js';

export const docvqa: FileFormat = {
  name: 'docvqa',
  recognise({ start }) {
    const first = firstOf(start, 'data');
    const sure = 'questionId' in first && 'question' in first && 'image' in first;
    return sure ? { confidence: 'sure', why: 'data have questionId, question and image' } : null;
  },
  open: (opening) => dataFile(opening, { format: 'docvqa', id: 'questionId', image: ({ image }) => image }),
};

export const textvqa: FileFormat = {
  name: 'textvqa',
  recognise({ start }) {
    const first = firstOf(start, 'data');
    const sure = 'image_id' in first && 'question' in first && !('questionId' in first);
    return sure ? { confidence: 'sure', why: 'data have question and image_id' } : null;
  },
  open: (opening) =>
    dataFile(opening, {
      format: 'textvqa',
      id: 'question_id',
      image: ({ image_id: id }) => (isId(id) ? `${id}.jpg` : null),
    }),
};

interface Shape {
  format: string;
  id: string;
  image: (entry: Entry) => unknown;
}

/** Rule `mostGiven` chooses among the answers; a question without any waits. */
async function dataFile(opening: Opening, { format, id, image }: Shape): Promise<RowFile> {
  const first = image(firstOf(opening.start, 'data'));
  const folder = await imageFolder(opening, String(first), null);
  let count = 0;
  const rows = rowsOf(opening, 'data', (entry) => {
    count += 1;
    const { answers, question } = entry;
    const name = image(entry);
    if (typeof name !== 'string') throw new RowFault('imageMissing', 'the entry names no picture');
    const answer = Array.isArray(answers) ? mostGiven(answers) || null : null;
    const named = isId(entry[id]) ? entry[id] : count;
    return joinedRow(entry, { id: named, image: name, question: String(question), answer }, opening);
  });
  return { ...rowFile(opening, format), folder, rows };
}
