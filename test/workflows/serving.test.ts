/** Starting a model server again and again, with a clock that does not wait. */
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import * as workflow from '@temporalio/workflow';

const slept: string[] = [];
const calls: string[] = [];
/** How each start goes, the first one first; those after the last go as it did. */
let starts: (() => { baseUrl: string })[] = [];

jest.unstable_mockModule('@temporalio/workflow', () => ({
  ...workflow,
  sleep: async (time: string) => void slept.push(time),
  CancellationScope: { nonCancellable: (work: () => Promise<unknown>) => work() },
}));
jest.unstable_mockModule('../../workflows/proxies.js', () => ({
  gpu: {
    startServing: async () => {
      calls.push('start');
      return (starts.length > 1 ? starts.shift() : starts[0])?.();
    },
    stopServing: async () => void calls.push('stop'),
  },
}));
const { servingMeanwhile } = await import('../../workflows/run/serving.js');

const server = { key: 'run/evaluate', folder: 'file:///serving', model: 'file:///model' };
const ends = (): never => {
  throw ApplicationFailure.create({ type: 'ServingFailed', message: `ended while loading (start ${calls.length})` });
};

beforeEach(() => {
  slept.length = 0;
  calls.length = 0;
});

describe('servingMeanwhile', () => {
  it('ends with the reason of the tenth start that failed, after four minutes, and leaves no server', async () => {
    starts = [ends];
    await expect(servingMeanwhile(server, async () => 'used')).rejects.toThrow('ended while loading (start 10)');
    expect(calls).toEqual([...Array(10).fill('start'), 'stop']);
    const seconds = slept.map((time) => Number.parseInt(time, 10));
    expect(seconds).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('uses the server that came up at last', async () => {
    starts = [ends, ends, () => ({ baseUrl: 'http://127.0.0.1:1/v1' })];
    expect(await servingMeanwhile(server, async ({ baseUrl }) => baseUrl)).toBe('http://127.0.0.1:1/v1');
    expect(calls).toEqual(['start', 'start', 'start', 'stop']);
  });

  it('does not try again what another start cannot mend', async () => {
    starts = [
      () => {
        throw ApplicationFailure.create({ type: 'FileRefused', message: 'no right to it', nonRetryable: true });
      },
    ];
    await expect(servingMeanwhile(server, async () => 'used')).rejects.toThrow('no right to it');
    expect(calls).toEqual(['start', 'stop']);
  });
});
