import { requireFiles, sourceFile } from '../../../activities/recipe/records.js';
import { inputOf } from '../data/build.js';

const fields = { id: 'id', image: 'scan', question: 'question', answer: 'total', group: 'supplier' };

describe('an entry of records', () => {
  it('is a path from the task folder, with only what it says itself', () => {
    expect(sourceFile('a/*.jsonl', '/task', fields)).toEqual({ path: '/task/a/*.jsonl' });
    const entry = { path: 'a.csv', fields: { answer: 'sum' }, images: 'scans', weight: 0.5, question: undefined };
    expect(sourceFile(entry, '/task', fields)).toEqual({
      path: '/task/a.csv',
      images: '/task/scans',
      fields: { ...fields, answer: 'sum' },
      weight: 0.5,
    });
  });

  it('that leads nowhere is the user’s input at fault, by its place in the task', async () => {
    const { source } = inputOf({ root: '/task', files: [], into: '/task/made' });
    await expect(requireFiles(source, { path: '/task/none-*.jsonl' }, 'task.json, records[0]')).rejects.toMatchObject({
      problem: { type: 'InvalidInput', where: expect.stringMatching(/^task.json, records\[0\]: /) },
    });
  });
});
