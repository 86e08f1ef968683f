/** What a person does in Temporal's web page, by a real browser: real workflows, and a trainer that waits in mid-training. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../activities/report/browser.js';
import { makeRoot, removeRoot } from '../cli/dev/supervisor.js';
import { anneal } from '../cli/shells.js';
import { heldActivities } from '../workflows/heldTrainer.js';
import { picture as save } from './picture.js';
import { type ScriptedEngine, startScriptedEngine } from './scriptedEngine.js';
import { TemporalPage } from './temporalPage.js';
import { until } from './until.js';

jest.setTimeout(240_000);

const settings = {
  onQuestion: 'wait' as const,
  sweep: { learningRates: [1e-3, 3e-3] },
  mix: { ratios: [{ business: 1, generic: 1 }] },
  align: { when: 'off' as const },
};
const calls: string[] = [];
const held = heldActivities({ settings }, { training: 'coarse', at: 12, secondsAStep: 0.1 }, calls);

let engine: ScriptedEngine;
let browser: Browser;
let temporal: TemporalPage;
let root: string;

beforeAll(async () => {
  [engine, browser, root] = await Promise.all([startScriptedEngine(held.activities), openBrowser(), makeRoot()]);
  const page = await browser.newPage({ viewport: { width: 1300, height: 1000 } });
  temporal = new TemporalPage(page, engine.ui);
});
afterAll(async () => {
  await browser?.close();
  await engine?.stop();
  await removeRoot(root);
});

const picture = (name: string) => save(temporal.page, name);
const stateOf = async (workflowId: string) =>
  (await engine.server.client.workflow.getHandle(workflowId).describe()).status.name;
const untilHeld = (more: number) =>
  until(
    'the training that waits',
    async () => held.jobs().filter(({ name, step }) => name === 'coarse' && step === 12)[more],
    { seconds: 120 },
  );

describe('bad input in the form', () => {
  it('that is not JSON keeps the start button grey', async () => {
    await temporal.fillStartForm('not-json', '{"task": bins}');
    await temporal.page.getByText('Input must be valid JSON').waitFor();
    expect(await temporal.startButton.isDisabled()).toBe(true);
  });

  it.each([
    ['text', '"bins"', 'The input is a text ("bins"); it must be one object.'],
    ['list', '[{"task": "bins"}]', 'The input is a list; it must be one object, without the square brackets.'],
    ['null', 'null', 'There is no input: it is null.'],
    ['key', '{"tsk": "bins"}', 'tsk: unknown key "tsk". Did you mean "task"?'],
  ])('a %s fails the run with what is wrong and an input that works', async (name, input, says) => {
    await temporal.start(`bad-${name}`, input);
    const seen = await temporal.result(says);
    expect(seen).toContain('Give one JSON object, such as {"task":"examples/digits"}');
    expect(seen).not.toContain('failures.ts');
    await temporal.isNow('Failed');
    await picture(`bad-${name}`);
    expect(await stateOf(`bad-${name}`)).toBe('FAILED');
  });
});

describe('a run in the middle of its training', () => {
  const run = 'by-form';

  it('is started by form, and says what may be sent to it', async () => {
    await temporal.fillStartForm(run, '{"task": "digits"}');
    await picture('start-form');
    await temporal.startFilled(run);
    await untilHeld(0);
    await temporal.openUpdates();
    const updates = await temporal.dialog.getByRole('option').allInnerTexts();
    for (const [name, says] of [
      ['overrule', '"verdict":"notEnough"'],
      ['extendBudget', '"trainerHours":8'],
      ['stop', 'train no more'],
    ] as const)
      expect(updates).toContainEqual(expect.stringMatching(new RegExp(`^${name}[^]*${says}`)));
    await picture('updates');
    await temporal.page.reload();
  });

  it('refuses an overruling with a wrong key, and says what was meant', async () => {
    await temporal.update('overrule', { decision: 'sweep', verdit: '0.003' });
    await temporal.dialog.getByText('unknown key "verdit". Did you mean "verdict"?').first().waitFor();
    await picture('overrule-refused');
    await temporal.closeDialog();
  });

  it('goes back to a decision that is overruled, and trains on with the person’s verdict', async () => {
    const why = 'known from the last model';
    await temporal.update('overrule', { decision: 'sweep', verdict: '0.003', by: 'Ada', why });
    await temporal.updated();
    const details = await temporal.currentDetails('sweep (R8 R10): 0.003 (overruled)');
    expect(details).toContain(`Ada overruled “0.001”: ${why}.`);
    const other = await untilHeld(1);
    expect(held.jobs().find(({ name }) => name === 'coarse')).toMatchObject({ step: 12, stopped: expect.any(String) });
    expect(other.stopped).toBeNull();
    await picture('overruled');
  });

  it('is reset to an earlier step, keeps the verdict, and trains no step again', async () => {
    await temporal.openRun(run);
    await temporal.resetTo('sweep', () => picture('reset'));
    await temporal.result('"outcome": "tuned"', 120);
    await temporal.openRun(run); // the heading of the page after a reset stays as it was
    await temporal.isNow('Completed');
    expect(await temporal.currentDetails('sweep (R8 R10): 0.003 (overruled)')).toContain('Ada overruled');
    for (const { name, trained } of held.jobs())
      expect({ name, trained }).toEqual({ name, trained: trained.map((_, index) => index + 1) });
    const [first, second] = held.jobs().filter(({ name }) => name === 'coarse');
    expect([first?.step, first?.attempt, second?.step, second?.attempt]).toEqual([12, 1, 30, 2]);
    expect(calls.filter((call) => call === 'build digits')).toHaveLength(1);
  });
});

describe('a schedule', () => {
  const schedule = 'boost-digits';
  const ours = (...argv: string[]) => anneal(root, engine.env, 'schedule', ...argv);
  const runsOf = async (name: string) => {
    const { info } = await engine.server.client.schedule.getHandle(name).describe();
    return { running: info.runningActions.length, begun: info.recentActions.length };
  };

  beforeAll(async () => {
    const folder = path.join(root, 'digits');
    await mkdir(folder);
    await writeFile(path.join(folder, 'records.jsonl'), '');
    const answer = { kind: 'label', labels: ['0', '1'] };
    const task = { name: 'digits', records: ['records.jsonl'], answer, target: { score: 0.9 } };
    await writeFile(path.join(folder, 'task.json'), JSON.stringify(task));
  });

  it('made by anneal stands in the page, which triggers it, and never two at once', async () => {
    expect((await ours('create', 'digits', '--cron', '0 3 * * 1', '--on-question', 'default')).code).toBe(0);
    await temporal.openSchedule(schedule);
    await temporal.page.getByText('At 03:00 on Monday').waitFor();
    expect([await temporal.triggerSchedule(), await temporal.triggerSchedule()]).toEqual(['BufferOne', 'BufferOne']);
    const link = temporal.page.getByRole('link', { name: /^boost-digits-\d{4}-/ });
    await link.first().waitFor();
    expect(await runsOf(schedule)).toEqual({ running: 1, begun: 1 });
  });

  it('paused in the page is paused for anneal, with the reason', async () => {
    await temporal.pauseSchedule('the scanner is being repaired');
    await picture('schedule');
    const { data } = await ours('list');
    expect(data).toMatch(/boost-digits +paused: the scanner is being repaired/);
  });

  it('made by form is one that anneal lists and triggers', async () => {
    const input = '{"task": "digits", "onQuestion": "default"}';
    await temporal.fillScheduleForm('digits-by-form', { input, cron: '0 3 * * 1' });
    await picture('schedule-form');
    await temporal.createSchedule();
    const { policies, action } = await engine.server.client.schedule.getHandle('digits-by-form').describe();
    expect(policies).toEqual({ overlap: 'BUFFER_ONE', catchupWindow: 3_600_000, pauseOnFailure: true });
    expect(action).toMatchObject({ workflowType: 'boost', taskQueue: 'anneal-recipe', args: [JSON.parse(input)] });
    expect((await ours('trigger', 'digits-by-form')).code).toBe(0);
    await until('its run', async () => ((await runsOf('digits-by-form')).begun > 0 ? true : undefined));
    expect((await ours('list')).data).toMatch(/digits-by-form +on/);
  });
});
