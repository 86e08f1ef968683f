import { explain, isUnavailable, printable } from '../../cli/errors.js';
import { problem } from '../../config/problems.js';

const says = { what: 'Row 3 has no image.', where: 'records.jsonl, line 3', todo: 'Add it.' };

function named(name: string, fields: object, cause?: Error): Error {
  const error = Object.assign(new Error('Activity task failed', { cause }), fields);
  error.name = name;
  return error;
}

describe('explaining an error', () => {
  it.each([
    ['InvalidInput', 2],
    ['DatasetInvalid', 2],
    ['EndpointRefused', 2],
    ['NoSpace', 3],
    ['PortTaken', 3],
  ] as const)('ends a %s with exit code %d, in the one form', (type, exitCode) => {
    const error = problem(type, says);
    const explained = explain(error);
    expect(explained.exitCode).toBe(exitCode);
    expect(printable(error, explained, false)).toBe(
      'Row 3 has no image.\n  where: records.jsonl, line 3\n  do:    Add it.',
    );
  });

  it('finds the problem at the bottom of a failed run', () => {
    const root = named('ApplicationFailure', { details: [{ type: 'DatasetInvalid', ...says }] });
    const failed = named(
      'WorkflowFailedError',
      {},
      named('ChildWorkflowFailure', {}, named('ActivityFailure', {}, root)),
    );
    expect(explain(failed)).toEqual({ problem: { type: 'DatasetInvalid', ...says }, exitCode: 2 });
  });

  it('ends a cancelled or terminated run with 5', () => {
    expect(explain(named('WorkflowFailedError', {}, named('CancelledFailure', {}))).exitCode).toBe(5);
    expect(explain(named('WorkflowFailedError', {}, named('TerminatedFailure', {}))).exitCode).toBe(5);
  });

  it('takes a server that can’t be reached for unavailable, never for failed', () => {
    const refused = named('ServiceError', {}, named('Error', { code: 14 }));
    expect(isUnavailable(refused)).toBe(true);
    expect(explain(refused)).toMatchObject({ problem: { type: 'EngineUnavailable' }, exitCode: 3 });
  });

  it('says of any other error that it is ours, where it is, and how to see more', () => {
    const explained = explain(new TypeError('x is not a function'));
    expect(explained).toMatchObject({ exitCode: 3, problem: { type: 'Internal', what: 'x is not a function' } });
    expect(explained.problem.where).toContain('errors.test.ts');
    expect(explained.problem.todo).toContain('--debug');
  });
});
