import { describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { NativeConnection } from '@temporalio/worker';
import { createActivities, type Place } from '../../embedding/activities.js';
import { problem } from '../../embedding/config.js';
import { AnnealPlugin } from '../../embedding/worker.js';

/** No activity here looks at the server. */
const place: Place = {
  connection: {} as NativeConnection,
  namespace: 'default',
  root: '/tmp/tuning',
  python: 'python3',
};
const stopped = { handle: { key: 'a', folder: 'file:///tmp/tuning/a' } } as never;
const run = <Result>(activity: (input: never) => Promise<Result>) =>
  new MockActivityEnvironment().run(() => activity(stopped));

describe('createActivities', () => {
  it('takes another activity in place of ours, which may still call ours', async () => {
    const { trainingLogs } = createActivities(place, (ours) => ({
      trainingLogs: async (input) => ({ tail: `mine, after ${typeof ours.trainingLogs} ${JSON.stringify(input)}` }),
    }));
    expect(await run(trainingLogs)).toEqual({ tail: `mine, after function ${JSON.stringify(stopped)}` });
  });

  it('refuses to replace what there is not, and says what was meant', () => {
    const misspelt = () => ({ submitTrainings: async () => undefined }) as never;
    expect(() => createActivities(place, misspelt)).toThrow(
      'no activity "submitTrainings" to replace. Did you mean "submitTraining"?',
    );
  });

  it('turns the problem of a replaced activity into a failure that is not tried again', async () => {
    const says = { what: 'The cluster has no such queue.', where: 'queue "a100"', todo: 'Name another.' };
    const { trainingLogs } = createActivities(place, () => ({
      trainingLogs: () => Promise.reject(problem('PlanRefused', says)),
    }));
    await expect(run(trainingLogs)).rejects.toMatchObject({ type: 'PlanRefused', nonRetryable: true });
  });

  it('holds what a replaced activity returns to 64 KiB', async () => {
    const { trainingLogs } = createActivities(place, () => ({
      trainingLogs: async () => ({ tail: 'x'.repeat(70_000) }),
    }));
    await expect(run(trainingLogs)).rejects.toMatchObject({
      type: 'PayloadTooLarge',
      message: expect.stringContaining('largest field is "tail"'),
    });
  });
});

describe('AnnealPlugin', () => {
  const activities = createActivities(place);
  const configured = (options: object) =>
    new AnnealPlugin({ activities }).configureWorker({ taskQueue: 'platform', ...options });

  it('adds to what a worker has, and leaves its settings as they are', () => {
    const mine = async () => 'mine';
    const options = configured({ workflowsPath: '/mine.js', activities: { mine }, maxHeartbeatThrottleInterval: '9s' });
    expect(options).toMatchObject({ workflowsPath: '/mine.js', maxHeartbeatThrottleInterval: '9s' });
    expect(options.activities).toMatchObject({ ...activities, mine });
    expect(options.nexusServices).toHaveLength(1);
    expect(options.interceptors?.workflowModules).toEqual([expect.stringContaining('oneQueue')]);
  });

  it('brings the workflows where a worker has none, and no path beside a bundle', () => {
    expect(configured({}).workflowsPath).toContain('workflows/index');
    expect(configured({ workflowBundle: { code: '' } }).workflowsPath).toBeUndefined();
  });
});
