/** Runs started, watched, steered and ended in Temporal's web page by a real browser; engine and trainings are the real ones. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { identityOf } from '../../activities/processes/identity.js';
import type { BudgetStanding } from '../../config/budget.js';
import type { RunProgress } from '../../config/progress.js';
import { ReportFacts } from '../../config/report.js';
import { openBrowser } from '../activities/report/browser.js';
import { attemptsOf, eventsOf, stepsAgain, stepsInVain, type Training, trainingsOf } from '../faults/trainings.js';
import { picture as save } from './picture.js';
import { type Project, startProject } from './project.js';
import { TemporalPage } from './temporalPage.js';
import { untilStep } from './training.js';
import { until } from './until.js';

/** A training that goes on until a person ends it: no test waits longer for it than its clicks take. */
const endless = { sanity: { epochs: 60, enoughLoss: 0, probes: { use: false } } };

/** The task that needs training: a short one, or the whole example with `ANNEAL_UI_TASK=digits`; `npm run ui` does. */
const tuned =
  process.env['ANNEAL_UI_TASK'] === 'digits'
    ? { task: 'digits', recipe: {}, rate: '0.0006', minutes: 40 }
    : { task: 'bins', recipe: endless, rate: '0.0015', minutes: 8 };
const isEndless = tuned.recipe === endless;

jest.setTimeout((tuned.minutes + 1) * 60_000);

let project: Project;
let browser: Browser;
let temporal: TemporalPage;

beforeAll(async () => {
  [project, browser] = await Promise.all([
    startProject(path.join(os.tmpdir(), `anneal-ui-${process.pid}`), ['shapes', 'bins', 'digits']),
    openBrowser(),
  ]);
  const page = await browser.newPage({ viewport: { width: 1300, height: 1000 } });
  temporal = new TemporalPage(page, project.facts.ui ?? '');
});
afterAll(async () => {
  await browser?.close();
  await project?.end();
});

const picture = (name: string) => save(temporal.page, name);

/** What Temporal itself says of a run that was seen in the page. */
async function known(workflowId: string): Promise<{ status: string; type: string; run: string }> {
  const { status, type, raw } = await project.client.workflow.getHandle(workflowId).describe();
  const first = raw.workflowExecutionInfo?.firstRunId ?? '';
  return { status: status.name, type, run: `${workflowId}.${first.slice(0, 8)}` };
}

async function trainingsUnder(run: string): Promise<Training[]> {
  return (await trainingsOf(project.root)).filter(({ folder }) => folder.includes(run));
}

describe('the shapes task, started by form', () => {
  it('ends at the prompt and trains nothing', async () => {
    await temporal.start('ui-shapes', '{"task": "shapes"}');
    await temporal.result('promptEnough', 180);
    await temporal.isNow('Completed');
    expect(await known('ui-shapes')).toMatchObject({ status: 'COMPLETED', type: 'boost' });
    expect(await temporal.currentDetails('A prompt is enough')).toContain('promptFirst (R1): promptEnough');
    expect(await trainingsUnder('ui-shapes')).toEqual([]);
  });
});

describe('a task that needs training, started by form with a budget', () => {
  const run = `ui-${tuned.task}`;
  const trainRun = `${run}.sanityCheck.sanity`;
  const person = { by: 'Ada', why: 'known from the last model' };
  const budget = { trainerHours: 10, prices: { trainerHour: 2 } };
  const trained = async () => (await trainingsUnder(run))[0] as Training;

  it('lists its decisions in the current details while it runs', async () => {
    const recipe = { onQuestion: 'wait', ...tuned.recipe, budget };
    await temporal.start(run, JSON.stringify({ task: tuned.task, recipe }));
    const details = await temporal.currentDetails('step sanityCheck', 120);
    expect(details).toContain('buildDataset (R4 R7): good');
    expect(details).toContain('promptFirst (R1): notEnough');
    expect(await known(run)).toMatchObject({ status: 'RUNNING', type: 'boost' });
  });

  it('shows step and loss of the training that runs, two clicks away', async () => {
    await temporal.openChild(trainRun);
    const heartbeat = await temporal.heartbeat(/"loss": \d/);
    expect(heartbeat).toMatch(/"stage": "sanity",\s+"step": [1-9]/);
    await picture('heartbeat');
    expect(await known(trainRun)).toMatchObject({ status: 'RUNNING', type: 'trainRun' });
  });

  it('pauses at a checkpoint where its budget is reached, and asks', async () => {
    await untilStep(project.client, trainRun, 4);
    await lowerTo(run, 5);
    await temporal.openRun(run);
    const details = await temporal.currentDetails('A question for you');
    expect(details).toContain('extendBudget');
    await picture('budget');
    const { spent, caps } = (await progressOf(run)).budget as BudgetStanding;
    expect(spent.trainerHours).toBeGreaterThanOrEqual(caps.trainerHours ?? 1);
    expect(spent.money).toBeCloseTo(2 * spent.trainerHours, 9);

    const training = await trained();
    const [started] = eventsOf(training, 'started');
    const [stopped] = eventsOf(training, 'finished');
    expect(stopped).toMatchObject({ stopped: true, attempt: 1 });
    expect(stopped?.step).toBeLessThan(started?.totalSteps ?? 0);
    expect(eventsOf(training, 'checkpoint').some(({ step }) => step === stopped?.step)).toBe(true);
    expect(await identityOf(started?.pid ?? 0)).toBeNull();
    const report = path.join(project.root, '.anneal/runs', (await known(run)).run, 'report.json');
    const facts = await until('the report shows the question', async () => {
      const read = ReportFacts.loose().parse(JSON.parse(await readFile(report, 'utf8')));
      return read.state === 'waiting' ? read : undefined;
    });
    expect(facts.estimate).toMatchObject({ trainRows: expect.any(Number) });
  });

  it('goes on from that checkpoint after extendBudget, and repeats no step', async () => {
    await temporal.update('extendBudget', { trainerHours: budget.trainerHours, ...person });
    await temporal.updated();
    const [stopped] = eventsOf(await trained(), 'finished');
    await untilStep(project.client, trainRun, (stopped?.step ?? 0) + 2);
    const training = await trained();
    expect(attemptsOf(training)).toEqual([1, 2]);
    expect(eventsOf(training, 'started')[1]?.step).toBe(stopped?.step);
    expectNoStepTwice([training]);
  });

  it('reset in mid-training to the step that trains, goes on from its checkpoint', async () => {
    const idOf = async () => (await project.client.workflow.getHandle(trainRun).describe()).runId;
    const before = await idOf();
    await temporal.openRun(run);
    await temporal.resetTo('sanityCheck');
    await until('the training of the new run', async () => ((await idOf()) !== before ? true : undefined), {
      seconds: 120,
    });
    const training = await until(
      'a step of its own',
      async () => {
        const now = await trained();
        return now.events.at(-1)?.event === 'step' && attemptsOf(now).length > 2 ? now : undefined;
      },
      { seconds: 120 },
    );
    const stops = eventsOf(training, 'finished').map(({ step }) => step);
    expect(eventsOf(training, 'started').map(({ step }) => step)).toEqual([0, ...stops]);
    expect(await trainingsUnder(run)).toHaveLength(1);
    expectNoStepTwice([training]);
  });

  it('is overruled by form in mid-training, and shows so', async () => {
    const overrule = (decision: string, verdict: string) =>
      temporal.update('overrule', { decision, verdict, ...person });
    await temporal.openRun(run);
    await overrule('sweep', tuned.rate);
    await temporal.updated();
    if (isEndless) {
      await temporal.openRun(run);
      await overrule('sanityCheck', 'canRepeat');
      await temporal.updated();
      await temporal.openRun(run);
      await overrule('sanity/watchdog', 'stop');
    }
    await temporal.openRun(run);
    const details = await temporal.currentDetails(`sweep (R8 R10): ${tuned.rate} (overruled)`, 60 * tuned.minutes);
    expect(details).toContain('Ada overruled');
    expect(details).toContain(person.why);
    if (isEndless) expect(eventsOf(await trained(), 'step').length).toBeLessThan(240);
    await picture('overruled-tuning');
    expect(await known(run)).toMatchObject({ status: 'RUNNING' });
  });

  it('ends with a model and a report', async () => {
    await temporal.openRun(run);
    expect(await temporal.result('"outcome": "tuned"', 60 * tuned.minutes)).toContain('/model');
    await temporal.isNow('Completed');
    const { status, run: name } = await known(run);
    expect(status).toBe('COMPLETED');
    await temporal.page.goto(`${project.facts.reports}/runs/${name}/`);
    await temporal.page.getByText('The tuned model solves the task').first().waitFor();
    await temporal.page.getByText(person.why).first().waitFor();
    await picture('report');
  });

  it('reset to an earlier step ends the same way, and trains nothing', async () => {
    const before = await trainingsUnder(run);
    await temporal.openRun(run);
    await temporal.resetTo('sweep', () => picture('reset-tuned'));
    await temporal.result('"outcome": "tuned"', 240);
    await temporal.openRun(run); // the heading of the page after a reset stays as it was
    await temporal.isNow('Completed');
    expect(await trainingsUnder(run)).toEqual(before);
    expectNoStepTwice(before);
  });
});

function expectNoStepTwice(trainings: Training[]): void {
  for (const training of trainings) {
    const { name } = training;
    expect({ name, again: stepsAgain(training), inVain: stepsInVain(training) }).toEqual({
      name,
      again: 0,
      inVain: [],
    });
  }
}

async function progressOf(run: string): Promise<RunProgress> {
  return (await project.client.workflow.getHandle(run).query('progress')) as RunProgress;
}

/** A cap that is reached so many seconds from now, at whatever step the training is by then. */
async function lowerTo(run: string, seconds: number): Promise<void> {
  const { budget } = await progressOf(run);
  const trainerHours = (budget?.spent.trainerHours ?? 0) + seconds / 3600;
  const handle = project.client.workflow.getHandle(run);
  await handle.executeUpdate('extendBudget', { args: [{ trainerHours, by: 'Ada', why: 'it costs too much' }] });
}

describe('a run that is cancelled in the page in mid-training', () => {
  const run = 'ui-cancel';
  const recipe = { ...endless, prompt: { maximumItems: 20 }, evaluation: { genericItems: 20 } };

  it('writes a checkpoint, ends its trainer, and closes as cancelled', async () => {
    await temporal.start(run, JSON.stringify({ task: 'bins', recipe }));
    const { pid } = await untilStep(project.client, `${run}.sanityCheck.sanity`, 4);
    await temporal.cancel();
    await temporal.isNow('Canceled', 60);
    await picture('cancelled');
    const { status, run: name } = await known(run);
    expect(status).toBe('CANCELLED');

    const [training, ...others] = await trainingsUnder(name);
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
