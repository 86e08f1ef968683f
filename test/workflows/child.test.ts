import { jest } from '@jest/globals';
import { createChildActivities } from '../../activities/children/index.js';
import type { BoostResult } from '../../config/report.js';
import { type LocalTemporal, startLocalTemporal } from './localTemporal.js';
import { everythingWorks, scriptedActivities } from './scriptedActivities.js';

jest.setTimeout(120_000);

describe('a step whose workflow id is taken', () => {
  let temporal: LocalTemporal;
  beforeAll(async () => {
    temporal = await startLocalTemporal();
  });
  afterAll(() => temporal.teardown());

  const activities = () => ({
    ...scriptedActivities({ ...everythingWorks, promptScore: 0.97 }, []),
    ...createChildActivities({ workflowService: temporal.client.workflowService, namespace: 'default' }),
  });
  const start = (workflowId: string, taskQueue: string) =>
    temporal.client.workflow.start('boost', { workflowId, taskQueue, args: [{ task: 'digits' }] });

  it('leaves alone what somebody else runs there, and says what to do', async () => {
    const theirs = await start('taken.buildDataset', 'nobody-serves-this');
    const end = await temporal.serve('taken', activities());
    const ours = await start('taken', 'taken');
    await expect(ours.result()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/taken\.buildDataset is taken by a boost.*another workflow id/s) },
    });
    await end();
    const { status, raw } = await theirs.describe();
    expect([status.name, raw.workflowExtendedInfo?.cancelRequested ?? false]).toEqual(['RUNNING', false]);
    await theirs.terminate();
  });

  it('makes room where an earlier attempt of the same run left it behind', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let builds = 0;
    const scripted = activities();
    const slowly = async (...input: Parameters<typeof scripted.buildDatasetFolder>) => {
      builds += 1;
      if (builds === 1) await held;
      return scripted.buildDatasetFolder(...input);
    };
    const end = await temporal.serve('again', { ...scripted, buildDatasetFolder: slowly });
    const first = await start('again', 'again');
    while (builds === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await first.terminate();
    const second = await start('again', 'again');
    letGo();
    expect(((await second.result()) as BoostResult).outcome).toBe('promptEnough');
    await end();
  });
});
