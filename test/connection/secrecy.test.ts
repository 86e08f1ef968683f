/**
 * Runs with encrypted payloads on a real Temporal server, steered in its web page by a real browser: nothing of the task is
 * in the server's database, and all of it is in the page, through the codec server.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Browser } from 'playwright-core';
import { ensureTemporalCli } from '../../cli/setup/temporalCli.js';
import type { Evaluation } from '../../config/evaluation.js';
import { problem } from '../../config/problems.js';
import { searchAttributes, taskQueues } from '../../config/queues.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import { newKeyLine } from '../../connection/keys.js';
import { temporalSettings } from '../../connection/settings.js';
import { beat, bounded } from '../../workers/boundary.js';
import { progressQuery } from '../../workflows/run/messages.js';
import { openBrowser } from '../activities/report/browser.js';
import { freePorts, type Line, makeRoot, removeRoot, type Supervisor, startSupervisor } from '../cli/dev/supervisor.js';
import { TemporalPage } from '../e2e/temporalPage.js';
import { everythingWorks, scriptedActivities } from '../workflows/scriptedActivities.js';
import { foundIn } from './planted.js';

jest.setTimeout(180_000);

const pictures = process.env['ANNEAL_TEST_PICTURES'];

/** What must not be read in the database. */
const planted = {
  input: 'quillfinch-input',
  formInput: 'quillfinch-form',
  description: 'quillfinch-description',
  question: 'quillfinch-question',
  label: 'quillfinch-label',
  heartbeat: 'quillfinch-heartbeat',
  retried: 'quillfinch-retried',
  failure: 'quillfinch-failure',
  updated: 'quillfinch-updated',
  memo: 'quillfinch-memo',
  summary: 'quillfinch-summary',
  details: 'quillfinch-details',
};

/** What must: a search that finds nothing of anything would prove nothing. */
const clear = { plainInput: 'dovetail-plain-input', workflowId: 'secret-run', task: 'digits' };

describe('an encrypted run', () => {
  const keys = { ANNEAL_ENCRYPTION_KEYS: newKeyLine() };
  let root: string;
  let engine: Supervisor;
  let connection: Connection;
  let native: NativeConnection;
  let client: Client;
  let workers: Worker[];
  let running: Promise<void>[];
  let browser: Browser;
  let page: TemporalPage;
  let letGo: () => void = () => undefined;

  beforeAll(async () => {
    Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never });
    root = await makeRoot();
    engine = await startSupervisor(root, await freePorts(), keys);
    const { address, ui } = await engine.until(({ ready }: Line) => ready);
    const { connectionOptions, dataConverter } = temporalSettings({ ...keys, TEMPORAL_ADDRESS: address });
    connection = await Connection.connect(connectionOptions);
    native = await NativeConnection.connect(connectionOptions);
    client = new Client({ connection, dataConverter });
    const until = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    workers = await startWorkers({ connection: native, dataConverter, activities: activities(until) });
    running = workers.map((worker) => worker.run());
    browser = await openBrowser();
    page = new TemporalPage(await browser.newPage({ viewport: { width: 1400, height: 1000 } }), ui ?? '');
    if (pictures) await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    letGo();
    await browser?.close();
    for (const worker of workers ?? []) worker.shutdown();
    await Promise.all(running ?? []);
    await native?.close();
    await connection?.close();
    engine?.child.kill('SIGTERM');
    await engine?.exited;
    await removeRoot(root);
  });

  /** The scripted ones, with planted words wherever a task's own texts go. */
  function activities(until: Promise<void>) {
    const scripted = scriptedActivities(everythingWorks, []);
    let asked = 0;
    return bounded({
      ...scripted,
      async resolveRecipe(request: { run: string }): Promise<ResolvedRecipe> {
        if (request.run.startsWith('failing')) {
          throw problem('InvalidInput', {
            what: `There is no ${planted.failure}.`,
            where: 'the task',
            todo: 'Name it.',
          });
        }
        const recipe = await scripted.resolveRecipe(request);
        const answer = { kind: 'label' as const, labels: [planted.label, 'other'] };
        const prompt = { system: null, template: `${planted.question} {question}` };
        const task = { ...recipe.task, description: planted.description, answer, prompt };
        return { ...recipe, task, searchAttributes: true };
      },
      async evaluateOverEndpoint(request: { name: string }): Promise<Evaluation> {
        asked += 1;
        if (asked === 1) throw new Error(planted.retried);
        beat({ said: planted.heartbeat });
        await until;
        return scripted.evaluateOverEndpoint(request);
      },
    });
  }

  function startWorkers(shared: Omit<WorkerOptions, 'taskQueue'>): Promise<Worker[]> {
    const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
    return Promise.all(
      Object.values(taskQueues).map((taskQueue) =>
        Worker.create({ ...shared, taskQueue, ...(taskQueue === taskQueues.recipe ? { workflowsPath } : {}) }),
      ),
    );
  }

  async function picture(name: string): Promise<void> {
    if (pictures) await page.page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  }

  it('is read, heartbeat and failed attempt included, in Temporal’s page', async () => {
    await client.workflow.start('boost', {
      workflowId: clear.workflowId,
      taskQueue: taskQueues.recipe,
      args: [{ task: planted.input }],
      memo: { note: planted.memo },
      staticSummary: planted.summary,
      staticDetails: planted.details,
    });
    await page.openRun(clear.workflowId);
    await page.openChild(`${clear.workflowId}.promptFirst`);
    await page.heartbeat(planted.heartbeat);
    await page.page.getByText(planted.retried).first().waitFor();
    await picture('encrypted-heartbeat');
  });

  it('is overruled by form, and shows so', async () => {
    await page.openRun(clear.workflowId);
    const overrule = { decision: 'promptFirst', verdict: 'promptEnough', by: 'Ada', why: planted.updated };
    await page.update('overrule', overrule);
    await page.updated();
    letGo();
    await page.currentDetails(planted.updated);
    await picture('encrypted-details');
    expect(await page.result('promptEnough')).toContain(planted.input);
    await page.isNow('Completed');
    await picture('encrypted-result');
  });

  it('is started by form, and fails with a message that is read there', async () => {
    await page.start('failing-run', JSON.stringify({ task: planted.formInput }));
    expect(await page.result(planted.failure)).toContain(planted.formInput);
    await page.isNow('Failed');
    await picture('encrypted-failure');
  });

  it('is read by the temporal command, the words of its failure beside the message that stands for them', async () => {
    const { path: cli } = await ensureTemporalCli(() => undefined);
    const { address, codec } = await engine.until(({ ready }: Line) => ready);
    const asked = ['workflow', 'show', '--workflow-id', 'failing-run', '--detailed', '--address', address];
    const show = (...more: string[]) => promisify(execFile)(cli, [...asked, ...more]);
    const read = (await show('--codec-endpoint', codec ?? '')).stdout;
    expect(read).toContain(`input[0].task: ${planted.formInput}`);
    expect(read).toMatch(new RegExp(`failure\\.encodedAttributes\\.message: .*${planted.failure}`));
    expect(read).toContain('Message: Encoded failure');
    expect((await show()).stdout).not.toContain('quillfinch');
  });

  it('is found by its search attributes, which hold names and states', async () => {
    const { searchAttributes: values } = await client.workflow.getHandle(clear.workflowId).describe();
    const ours = Object.fromEntries(Object.values(searchAttributes).map((name) => [name, values[name]]));
    expect(ours).toEqual({
      AnnealTask: ['digits'],
      AnnealStep: ['closed'],
      AnnealModel: ['tiny'],
      AnnealVerdict: ['promptEnough'],
    });
  });

  it('is read by a client with the keys; one without them is told what it lacks', async () => {
    const { decisions } = await client.workflow.getHandle(clear.workflowId).query(progressQuery);
    expect(JSON.stringify(decisions)).toContain(planted.updated);
    const keyless = new Client({ connection, dataConverter: temporalSettings({}).dataConverter });
    await expect(keyless.workflow.getHandle(clear.workflowId).result()).rejects.toThrow('this process has no key');
    await expect(keyless.workflow.getHandle('failing-run').result()).rejects.toThrow('this process has no key');
  });

  it('leaves nothing of the task in the server’s database', async () => {
    await new Client({ connection }).workflow.start('boost', {
      workflowId: 'failing-plain',
      taskQueue: taskQueues.recipe,
      args: [{ task: clear.plainInput }],
    });
    await expect(client.workflow.getHandle('failing-plain').result()).rejects.toThrow();
    expect(await foundIn(path.join(root, '.anneal'), clear)).toEqual(Object.keys(clear));
    expect(await foundIn(path.join(root, '.anneal'), planted)).toEqual([]);
  });
});
