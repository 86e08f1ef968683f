import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { until } from '../e2e/until.js';
import { anneal, type Printed } from './shells.js';
import { type StandInEngine, startStandInEngine } from './standInEngine.js';

jest.setTimeout(180_000);

describe('anneal schedule', () => {
  let engine: StandInEngine;
  let root: string;
  let server: TestWorkflowEnvironment;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    engine = await startStandInEngine();
    ({ root, server, env } = engine);
    await mkdir(path.join(root, 'parts'));
    await writeFile(path.join(root, 'parts', 'records.jsonl'), '');
    const answer = { kind: 'label', labels: ['a', 'b'] };
    const task = { name: 'parts', records: ['records.jsonl'], answer, target: { score: 0.9 } };
    await writeFile(path.join(root, 'parts', 'task.json'), JSON.stringify(task));
  });
  afterAll(() => engine.stop());

  const schedule = (...argv: string[]): Promise<Printed> => anneal(root, env, 'schedule', ...argv);
  const states = async () => JSON.parse((await schedule('list', '--json')).data).schedules;
  const runs = async () => {
    const found: { id: string; state: string; began: Date; ended: Date | undefined }[] = [];
    for await (const info of server.client.workflow.list({ query: "WorkflowType = 'boost'" })) {
      const { workflowId: id, status, startTime: began, closeTime: ended } = info;
      found.push({ id, state: status.name, began, ended });
    }
    return found.sort((one, other) => one.began.getTime() - other.began.getTime());
  };

  it('makes one, whose next times follow from its cron and zone', async () => {
    expect((await schedule('list')).talk).toContain('There is no schedule');
    const times = ['--cron', '30 3 * * 1', '--time-zone', 'Europe/Berlin'];
    const { code, data } = await schedule('create', 'parts', ...times, '--set', 'standIn="go on"', '--json');
    expect(code).toBe(0);
    const { name, next } = JSON.parse(data);
    expect(name).toBe('boost-parts');
    expect(next).toHaveLength(3);
    for (const time of next) expect(time).toMatch(/T0[12]:30:00/);
    const { policies } = await server.client.schedule.getHandle(name).describe();
    expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 3_600_000, pauseOnFailure: true });
  });

  it('triggers a run, and never two at once', async () => {
    for (const _ of [1, 2]) expect((await schedule('trigger', 'parts')).code).toBe(0);
    await until('the run', async () => (await runs())[0]);
    const { info } = await server.client.schedule.getHandle('boost-parts').describe();
    expect(info.runningActions.length).toBeLessThanOrEqual(1);
    expect((await runs()).filter(({ state }) => state === 'RUNNING')).toHaveLength(1);
    expect((await runs())[0]?.id).toMatch(/^boost-parts-\d{4}-/);

    const args = ['promptFirst', 'promptEnough', '--why', 'seen'];
    await until(
      'the question',
      async () => (await anneal(root, env, 'overrule', 'parts', ...args)).code === 0 || undefined,
    );
    const [ended, began] = await until('the one that waited', async () => {
      const [first, second] = await runs();
      return first?.ended && second ? [first.ended, second.began] : undefined;
    });
    expect(began?.getTime()).toBeGreaterThanOrEqual(ended?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  it('pauses with a reason, goes on, and is deleted', async () => {
    expect((await schedule('pause', 'parts', '--note', 'the scanner is being repaired')).data).toContain('paused');
    expect(await states()).toMatchObject([
      { name: 'boost-parts', paused: true, note: 'the scanner is being repaired' },
    ]);
    expect((await schedule('list')).data).toContain('paused: the scanner is being repaired');
    await schedule('resume', 'boost-parts');
    expect(await states()).toMatchObject([{ paused: false, last: [expect.any(String), expect.any(String)] }]);
    expect((await schedule('delete', 'parts')).code).toBe(0);
    await until('the end of it', async () => (await states()).length === 0 || undefined);
  });

  it('starts rounds of retraining where it is told to, beside the runs of the same task', async () => {
    const webhook = 'https://example.org/hook';
    const wish = ['--every', '7 days', '--retrain', '--approval', '--webhook', webhook];
    expect((await schedule('create', 'parts', ...wish)).code).toBe(0);
    const { action } = await server.client.schedule.getHandle('retrain-parts').describe();
    expect(action).toMatchObject({
      workflowType: 'retrain',
      args: [{ task: 'parts', retrain: { approval: 'wait', webhook: { url: webhook } } }],
    });
    expect(await states()).toMatchObject([{ name: 'retrain-parts' }]);
    expect((await schedule('delete', 'parts')).code).toBe(0);
    await until('the end of it', async () => (await states()).length === 0 || undefined);
  });

  it.each([
    [['create', 'parts', '--every', '1 day', '--approval'], 'are of rounds of retraining'],
    [['create', 'parts', '--every', '1 day', '--retrain', '--webhook', 'here'], '"here" is no address of a webhook'],
    [['create', 'parts'], 'A schedule needs its times'],
    [['create', 'parts', '--every', '1 day', '--cron', '* * * * *'], 'A schedule needs its times'],
    [['create', 'parts', '--cron', 'every monday'], 'The times were not understood: every monday'],
    [['create', 'parts', '--every', 'often'], 'The times were not understood: often'],
    [['create', 'parts', '--cron', '* * * * *', '--time-zone', 'Mars/Base'], 'Mars/Base'],
    [['create', 'nowhere', '--every', '1 day'], 'nowhere'],
    [['pause', 'other'], 'There is no schedule "other"'],
  ])('refuses %j', async (argv, says) => {
    const { code, talk } = await schedule(...argv);
    expect({ code, talk }).toEqual({ code: 2, talk: expect.stringContaining(says) });
  });

  it('leaves alone what starts something of somebody else', async () => {
    const action = {
      type: 'startWorkflow' as const,
      workflowType: 'billing',
      taskQueue: 'theirs',
      workflowId: 'billing',
    };
    const theirs = await server.client.schedule.create({ scheduleId: 'billing', spec: {}, action });
    expect((await schedule('delete', 'billing')).code).toBe(2);
    await theirs.describe();
    await theirs.delete();
  });

  it('refuses a name that is taken', async () => {
    await schedule('create', 'parts', '--every', '7 days');
    const { code, talk } = await schedule('create', 'parts', '--every', '7 days');
    expect(code).toBe(2);
    expect(talk).toContain('There is a schedule "boost-parts" already');
  });
});
