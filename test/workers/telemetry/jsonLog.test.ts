import { jsonLine, placeInRun, stepNames } from '../../../workers/telemetry/jsonLog.js';
import { read } from '../../docs/pages.js';

const timestampNanos = BigInt(Date.parse('2026-11-26T13:00:00.123Z')) * 1_000_000n;

describe('a line of the log', () => {
  it('is one object on one line, by our names', () => {
    const meta = {
      workflowId: 'boost-digits.sweep.sweep/0.003',
      workflowRunId: 'r',
      activityType: 'watchTraining',
      attempt: 2,
      taskToken: 'secret',
      error: new Error('two\nlines'),
      big: 7n,
    };
    const line = jsonLine({ level: 'WARN', message: 'It failed.', meta, timestampNanos }, 'gpu');
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      time: '2026-11-26T13:00:00.123Z',
      level: 'WARN',
      message: 'It failed.',
      worker: 'gpu',
      runWorkflowId: 'boost-digits',
      step: 'sweep',
      training: 'sweep/0.003',
      workflowId: 'boost-digits.sweep.sweep/0.003',
      runId: 'r',
      activity: 'watchTraining',
      attempt: 2,
      error: { name: 'Error', message: 'two\nlines', stack: expect.any(String) },
      big: 7,
    });
  });

  it('knows where in a run a workflow stands', () => {
    expect(placeInRun('boost-v1.2')).toEqual({ runWorkflowId: 'boost-v1.2' });
    expect(placeInRun('boost-v1.2.mixGeneric')).toEqual({ runWorkflowId: 'boost-v1.2', step: 'mixGeneric' });
  });

  it('knows every step of boost', () => {
    const steps = [...read('workflows/boost.ts').matchAll(/run\.step\((\w+)/g)].map(([, step]) => step);
    expect(steps.toSorted()).toEqual([...stepNames].sort());
  });
});
