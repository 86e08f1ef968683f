/** Runs started, watched, steered and ended in Temporal's web page by a real browser; the engine behind it is the real one. */
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { identityOf } from '../../activities/processes/identity.js';
import { openBrowser } from '../activities/report/browser.js';
import { trainingsOf } from '../faults/trainings.js';
import { type Project, startProject } from './project.js';
import { TemporalPage } from './temporalPage.js';
import { untilStep } from './training.js';

/** Where screenshots go, for people to look at; none are made where the variable is not set. */
const pictures = process.env['ANNEAL_TEST_PICTURES'];

/** A training that goes on long enough for a person to click their way to it. */
const longSanity = { sanity: { epochs: 60, enoughLoss: 0 }, training: { evaluationsPerEpoch: 0.2 } };

/** The task that needs training: a short one, or the whole example with `ANNEAL_UI_TASK=digits`; `npm run ui` does. */
const tuned =
  process.env['ANNEAL_UI_TASK'] === 'digits'
    ? { task: 'digits', recipe: {}, rate: '0.0006', minutes: 40 }
    : { task: 'bins', recipe: longSanity, rate: '0.0015', minutes: 8 };

jest.setTimeout((tuned.minutes + 1) * 60_000);

let project: Project;
let browser: Browser;
let temporal: TemporalPage;

beforeAll(async () => {
  [project, browser] = await Promise.all([
    startProject(path.join(os.tmpdir(), `anneal-ui-${process.pid}`), ['shapes', 'bins', 'digits']),
    openBrowser(),
  ]);
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  temporal = new TemporalPage(page, project.facts.ui ?? '');
  if (pictures) await mkdir(pictures, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await project?.end();
});

async function picture(name: string): Promise<void> {
  if (pictures) await temporal.page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
}

/** What Temporal itself says of a run that was seen in the page. */
async function known(workflowId: string): Promise<{ status: string; type: string; run: string }> {
  const { status, type, runId } = await project.client.workflow.getHandle(workflowId).describe();
  return { status: status.name, type, run: `${workflowId}.${runId.slice(0, 8)}` };
}

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
    expect(await known(`bad-${name}`)).toMatchObject({ status: 'FAILED', type: 'boost' });
  });
});

describe('the shapes task, started by form', () => {
  it('ends at the prompt and trains nothing', async () => {
    await temporal.start('ui-shapes', '{"task": "shapes"}');
    await temporal.result('promptEnough', 180);
    await temporal.isNow('Completed');
    await picture('shapes');
    expect(await known('ui-shapes')).toMatchObject({ status: 'COMPLETED', type: 'boost' });
    expect(await temporal.currentDetails('A prompt is enough')).toContain('promptFirst (R1): promptEnough');
    expect(await workflowTypesUnder('ui-shapes')).not.toContain('trainRun');
  });
});

async function workflowTypesUnder(workflowId: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of project.client.workflow.list({ query: `WorkflowId STARTS_WITH '${workflowId}.'` }))
    types.push(type);
  return types;
}

describe('a task that needs training, started by form', () => {
  const run = `ui-${tuned.task}`;
  const overrule = { decision: 'sweep', verdict: tuned.rate, by: 'Ada', why: 'known from the last model' };

  it('lists its decisions in the current details while it runs', async () => {
    await temporal.start(run, JSON.stringify({ task: tuned.task, recipe: tuned.recipe }));
    const details = await temporal.currentDetails('step sanityCheck', 120);
    expect(details).toContain('buildDataset (R4 R7): good');
    expect(details).toContain('promptFirst (R1): notEnough');
    expect(await known(run)).toMatchObject({ status: 'RUNNING', type: 'boost' });
  });

  it('shows step and loss of the training that runs, two clicks away', async () => {
    await temporal.openChild(`${run}.sanityCheck.sanity`);
    const heartbeat = await temporal.heartbeat(/"loss": \d/);
    expect(heartbeat).toMatch(/"stage": "sanity",\s+"step": [1-9]/);
    await picture('heartbeat');
    expect(await known(`${run}.sanityCheck.sanity`)).toMatchObject({ status: 'RUNNING', type: 'trainRun' });
  });

  it('refuses an overruling with a wrong key, and says what was meant', async () => {
    await temporal.openRun(run);
    await temporal.overrule('{"decision": "sweep", "verdit": "0.0015"}');
    await temporal.dialog.getByText('unknown key "verdit". Did you mean "verdict"?').first().waitFor();
    await picture('overrule-refused');
    await temporal.closeDialog();
  });

  it('is overruled by form, and shows so', async () => {
    await temporal.overrule(JSON.stringify(overrule));
    await temporal.page.getByText('Update successful').first().waitFor();
    const details = await temporal.currentDetails(`sweep (R8 R10): ${tuned.rate} (overruled)`, 60 * tuned.minutes);
    expect(details).toContain('Ada overruled');
    expect(details).toContain('known from the last model');
    await picture('overruled');
    expect(await known(run)).toMatchObject({ status: 'RUNNING' });
  });

  it('ends with a model and a report', async () => {
    await temporal.openRun(run);
    expect(await temporal.result('"outcome": "tuned"', 60 * tuned.minutes)).toContain('/model');
    await temporal.isNow('Completed');
    await picture('tuned');
    const { status, run: name } = await known(run);
    expect(status).toBe('COMPLETED');
    await temporal.page.goto(`${project.facts.reports}/runs/${name}/`);
    await temporal.page.getByText('The tuned model solves the task').first().waitFor();
    await temporal.page.getByText('known from the last model').first().waitFor();
    await picture('report');
  });
});

describe('a run that is cancelled in the page in mid-training', () => {
  const run = 'ui-cancel';
  const input = {
    task: 'bins',
    recipe: { ...longSanity, prompt: { maximumItems: 20 }, evaluation: { genericItems: 20 } },
  };

  it('writes a checkpoint, ends its trainer, and closes as cancelled', async () => {
    await temporal.start(run, JSON.stringify(input));
    const { pid } = await untilStep(project.client, `${run}.sanityCheck.sanity`, 8);
    await temporal.cancel();
    await temporal.isNow('Canceled', 60);
    await picture('cancelled');
    const { status, run: name } = await known(run);
    expect(status).toBe('CANCELLED');

    const [training, ...others] = (await trainingsOf(project.root)).filter(({ folder }) => folder.includes(name));
    expect(others).toEqual([]);
    const events = training?.events ?? [];
    const [checkpoint, end] = events.slice(-2);
    expect(end).toMatchObject({ event: 'finished', stopped: true });
    expect(checkpoint).toMatchObject({ event: 'checkpoint', step: end?.step });
    expect(events[0]).toMatchObject({ event: 'started', pid });
    expect(await identityOf(pid ?? 0)).toBeNull();

    await temporal.page.goto(`${project.facts.reports}/runs/${name}/`);
    await temporal.page.getByText('Cancelled by a person').first().waitFor();
  });
});
