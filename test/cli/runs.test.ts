import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { connectExternal, registerSearchAttributes } from '../../cli/dev/external.js';
import { searchAttributes, taskQueues } from '../../config/queues.js';
import { namedServer } from '../../connection/namedServer.js';
import { until } from '../e2e/until.js';
import { anneal, type Printed } from './shells.js';
import { type StandInEngine, startStandInEngine } from './standInEngine.js';

jest.setTimeout(180_000);

const taskOf = (name: string) => ({
  name,
  records: ['records.jsonl'],
  answer: { kind: 'label', labels: ['a', 'b'] },
  target: { score: 0.9 },
});

describe('runs, on a Temporal server of somebody else', () => {
  let engine: StandInEngine;
  let root: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    engine = await startStandInEngine();
    ({ root, env } = engine);
  });
  afterAll(() => engine.stop());

  const run = (...argv: string[]): Promise<Printed> => anneal(root, env, ...argv);

  async function makeTask(name: string): Promise<string> {
    await mkdir(path.join(root, name), { recursive: true });
    await writeFile(path.join(root, name, 'records.jsonl'), '');
    await writeFile(path.join(root, name, 'task.json'), JSON.stringify(taskOf(name)));
    return name;
  }

  it('registers our search attributes, and does so once', async () => {
    const external = namedServer(env);
    if (external === null) throw new Error('TEMPORAL_ADDRESS was not heeded');
    const connection = await connectExternal(external);
    const said: string[] = [];
    for (const _ of [1, 2]) await registerSearchAttributes(connection, external, (line) => said.push(line));
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    await connection.close();
    expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.values(searchAttributes)));
    expect(said).toEqual([]);
  });

  it('says the command that makes a namespace that is not there', async () => {
    const { code, talk } = await anneal(root, { ...env, TEMPORAL_NAMESPACE: 'team' }, 'cancel', 'x');
    expect(code).toBe(3);
    expect(talk).toContain('temporal operator namespace create -n team');
  });

  it.each([
    ['solve', 0, 'A prompt is enough: 96 of 100.'],
    ['notSolved', 1, 'Not solved: 20 of 100.'],
    ['unanswered', 4, 'Not solved: 20 of 100.'],
  ])('run --wait of a run that does "%s" ends with %d and its verdict', async (standIn, exitCode, verdict) => {
    const { code, data, talk } = await run(
      'run',
      await makeTask(`wait-${exitCode}`),
      '--wait',
      '--set',
      `standIn=${standIn}`,
    );
    expect([code, data]).toEqual([exitCode, `${verdict}\n`]);
    expect(talk).toContain(`Started boost-wait-${exitCode}.`);
    expect(talk).toContain('promptFirst: ');
  });

  it('ends with 2 and the problem of a run that was refused', async () => {
    const { code, data } = await run('run', await makeTask('refused'), '--wait', '--json', '--set', 'standIn=refuse');
    expect(code).toBe(2);
    expect(JSON.parse(data)).toMatchObject({ state: 'failed', exitCode: 2, error: { what: 'Row 3 has no image.' } });
  });

  it('shows a finished run and starts nothing, and starts it anew with --again', async () => {
    const task = await makeTask('twice');
    const first = await run('run', task, '--wait', '--json', '--set', 'standIn=solve');
    const second = await run('run', task, '--json');
    expect(second.talk).toContain('It is finished, nothing was started');
    expect(JSON.parse(second.data).runId).toBe(JSON.parse(first.data).runId);
    const again = await run('run', task, '--wait', '--json', '--again', '--set', 'standIn=solve');
    expect(JSON.parse(again.data).runId).not.toBe(JSON.parse(first.data).runId);
  });

  it('starts a refused run anew without being told', async () => {
    const task = await makeTask('mended');
    expect((await run('run', task, '--wait', '--set', 'standIn=refuse')).code).toBe(2);
    expect((await run('run', task, '--wait', '--set', 'standIn=solve')).code).toBe(0);
  });

  it('finds a run that goes on rather than doubling it, two at once included', async () => {
    const task = await makeTask('once');
    const both = await Promise.all([1, 2].map(() => run('run', task, '--json', '--set', 'standIn=go on')));
    const ids = both.map(({ data }) => JSON.parse(data).runId);
    expect(ids[0]).toBe(ids[1]);
    expect(JSON.parse((await run('run', task, '--json')).data)).toMatchObject({ fate: 'attached', runId: ids[0] });
    await run('cancel', 'once');
  });

  it('leaves with 4 at a question; overrule answers it with who and why', async () => {
    const task = await makeTask('asks');
    const asked = await run('run', task, '--wait', '--on-question', 'wait', '--set', 'standIn=ask');
    expect(asked.code).toBe(4);
    expect(asked.data).toContain('promptFirst is cannotTell. More items would settle it.');
    const status = JSON.parse((await run('status', 'asks', '--json')).data);
    expect(status).toMatchObject({ state: 'waiting', verdict: 'onQuestion is wait' });
    const answer = await run('overrule', 'asks', 'promptFirst', 'promptEnough', '--why', 'seen it', '--by', 'Ada');
    expect(answer.data).toBe('Noted: promptFirst is promptEnough, says Ada: seen it.\n');
    expect((await run('run', task, '--wait')).code).toBe(0);
  });

  it('shows what a round asks and takes the answer, by the task’s name too; who can’t take it is named', async () => {
    const taskQueue = taskQueues.recipe;
    const start = () => engine.server.client.workflow.start('retrain', { workflowId: 'retrain-asks', taskQueue });
    const { firstExecutionRunId } = await start();
    const name = `retrain-asks.${firstExecutionRunId.slice(0, 8)}`;
    const line = `${name} asks a person: It gains 2.1 points. Shall it take over?\n  Answer: anneal approve retrain-asks --why`;
    expect((await run('status')).data).toContain(line);
    expect((await run('status', 'retrain-asks')).data).toContain(line);
    expect(JSON.parse((await run('status', name, '--json')).data).answer).toBe(
      'anneal approve retrain-asks --why "<reason>"',
    );

    const refused = await run('approve', 'asks', '--why', 'no reason');
    expect([refused.code, refused.talk]).toEqual([2, expect.stringContaining('Row 3 has no image.')]);
    const another = await run('budget', 'retrain-asks', '--stop', '--why', 'seen');
    expect([another.code, another.talk]).toEqual([2, expect.stringContaining('which takes no update stop')]);
    const kept = await run('approve', 'asks', '--refuse', '--why', 'seen', '--by', 'Ada', '--json');
    expect(JSON.parse(kept.data)).toEqual({ run: name, answer: 'Kept, says Ada: seen.', promote: false });
    await until(
      'it has ended',
      async () => (await run('approve', 'asks', '--why', 'seen')).talk.includes('has ended already') || undefined,
    );
  });

  it('cancels a run, which then ends with 5; a second cancel says that it has ended', async () => {
    const task = await makeTask('stopped');
    const following = run('run', task, '--wait', '--set', 'standIn=go on');
    await until('the run has begun', async () => (await run('cancel', 'stopped')).code === 0 || undefined);
    expect((await following).code).toBe(5);
    const second = await run('cancel', 'stopped');
    expect(second.code).toBe(2);
    expect(second.talk).toContain('has ended already (cancelled)');
  });

  it('lists all runs, the newest first', async () => {
    const { runs } = JSON.parse((await run('status', '--json')).data);
    expect(runs.length).toBeGreaterThan(5);
    expect(runs.at(-1)).toMatchObject({ run: expect.stringMatching(/^boost-wait-0\.[0-9a-f]{8}$/) });
  });
});
