import { describeIssues } from '../../config/suggest.js';
import { BoostInput, TaskFile } from '../../config/task.js';

describe('describeIssues', () => {
  it('names a mistyped key before the key that is missing because of it', () => {
    const { error } = BoostInput.safeParse({ tsk: 'examples/digits' });
    expect(error && describeIssues(BoostInput, error)).toEqual([
      { path: ['tsk'], says: 'unknown key "tsk". Did you mean "task"?' },
      { path: ['task'], says: 'it is missing (string).' },
    ]);
  });

  it('names a mistyped key of an object that might have been a text', () => {
    const task = { name: 'a', records: ['a.jsonl', { path: 'b.jsonl', wieght: 0.5 }], answer: { kind: 'text' } };
    const { error } = TaskFile.safeParse({ ...task, target: { score: 1 } });
    expect(error && describeIssues(TaskFile, error)).toEqual([
      { path: ['records', 1, 'wieght'], says: 'unknown key "wieght". Did you mean "weight"?' },
    ]);
  });
});
