import { describeIssues } from '../../config/suggest.js';
import { BoostInput } from '../../config/task.js';

describe('describeIssues', () => {
  it('names a mistyped key before the key that is missing because of it', () => {
    const { error } = BoostInput.safeParse({ tsk: 'examples/digits' });
    expect(error && describeIssues(BoostInput, error)).toEqual([
      { path: ['tsk'], says: 'unknown key "tsk". Did you mean "task"?' },
      { path: ['task'], says: 'it is missing (string).' },
    ]);
  });
});
