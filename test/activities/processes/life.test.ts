import { describe, expect, it } from '@jest/globals';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beatAndWait, classifyInterruption, temporalLife } from '../../../activities/processes/life.js';

/** What the interruption of a real activity context means. */
async function meaningOf(reason: 'CANCELLED' | 'NOT_FOUND' | 'WORKER_SHUTDOWN' | 'PAUSED', details: object) {
  const environment = new MockActivityEnvironment();
  const beats: unknown[] = [];
  environment.on('heartbeat', (beat: unknown) => beats.push(beat));
  const waiting = environment.run(async () => {
    try {
      await beatAndWait(temporalLife, 60_000, { step: 1 });
    } catch (error) {
      return { error, meaning: classifyInterruption(temporalLife.cancellationDetails()) };
    }
    throw new Error('It was not interrupted.');
  });
  environment.cancel(reason, new ActivityCancellationDetails(details));
  return { ...((await waiting) as { error: unknown; meaning: string }), beats };
}

describe('an interruption', () => {
  it('ends the job when a person cancels or the run is gone', async () => {
    const cancelled = await meaningOf('CANCELLED', { cancelRequested: true });
    expect(cancelled).toMatchObject({ meaning: 'stop', beats: [{ step: 1 }] });
    expect(cancelled.error).toBeInstanceOf(CancelledFailure);
    expect(await meaningOf('NOT_FOUND', { notFound: true })).toMatchObject({ meaning: 'stop' });
  });

  it('leaves the job running when the worker shuts down or the activity is paused', async () => {
    expect(await meaningOf('WORKER_SHUTDOWN', { workerShutdown: true })).toMatchObject({ meaning: 'detach' });
    expect(await meaningOf('PAUSED', { paused: true })).toMatchObject({ meaning: 'detach' });
    expect(classifyInterruption(undefined)).toBe('detach');
  });
});
