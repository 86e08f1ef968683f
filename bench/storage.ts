/** Storage: one task, once in a shared folder and once in a bucket, each with four workers that have no disk in common. */
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { endLocalProcesses } from '../activities/processes/living.js';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { fetchFile } from '../activities/storage/fetchFile.js';
import { openStore } from '../activities/storage/openStore.js';
import type { Store } from '../activities/storage/store.js';
import { setUp } from '../cli/setup/index.js';
import { taskQueues } from '../config/queues.js';
import type { BoostResult, ReportFacts } from '../config/report.js';
import { startS3Server } from '../test/activities/storage/versitygw.js';
import { bench } from './lib/bench.js';
import { startWorkers } from './lib/workerProcesses.js';

const about = `The same run over a shared folder and over a bucket of a real S3 server (versitygw, built by Go once), with four
worker processes of which each has a disk of its own: datasets, checkpoints, model, scores and decisions must be equal.
Needs Linux and root, for the disks.

  TASK         folder of the task (test/fixtures/tasks/bins)
  --keep       leave the files of both runs`;

type WorkerKind = keyof typeof taskQueues;
const kinds = Object.keys(taskQueues) as WorkerKind[];

/** What must not depend on where the files lie. */
interface Outcome {
  outcome: string;
  datasets: string[];
  decisions: string[];
  scores: (number | null)[];
  losses: string[];
  model: string | null;
}

await bench({ name: 'storage', about, options: { keep: { type: 'boolean' } } }, async ({ values, names, folder }) => {
  const task = path.resolve(names[0] ?? path.join(packageFolder, 'test/fixtures/tasks/bins'));
  const { python, temporal } = await setUp((line) => process.stderr.write(`${line}\n`));
  await mkdir(folder, { recursive: true });
  const server = await startS3Server(folder);
  Object.assign(process.env, server.env);
  const shared = pathToFileURL(path.join(folder, 'shared')).href;
  const outcomes: Outcome[] = [];
  try {
    for (const store of [shared, 's3://anneal/bench'])
      outcomes.push(await runOver(store, { folder, task, python, temporalCli: temporal.path }));
  } finally {
    await server.stop();
    if (!values.keep) await rm(folder, { recursive: true, force: true });
  }
  const [file, s3] = outcomes as [Outcome, Outcome];
  const rows = (Object.keys(file) as (keyof Outcome)[]).map((name) => {
    const [one, other] = [file[name], s3[name]].map((value) => JSON.stringify(value));
    return [name, String([file[name]].flat().length), one === other ? 'equal' : `${one} | ${other}`];
  });
  const holds = rows.every(([, , equal]) => equal === 'equal') && file.model !== null;
  const claim = `A run of ${path.basename(task)} came to the same datasets, losses, decisions, scores and weights over file:// and s3://.`;
  return { columns: ['What', 'Values', 'file:// and s3://'], rows, claim, holds, facts: { file, s3 } };
});

interface At {
  folder: string;
  task: string;
  python: string;
  temporalCli: string | undefined;
}

/** Of both stores the project folder has the same path, and nothing in it outlives a run. */
async function runOver(uri: string, { folder, task, python, temporalCli }: At): Promise<Outcome> {
  const root = path.join(folder, 'project');
  const disk = (kind: WorkerKind) => path.join(folder, 'disks', uri.slice(0, 2), kind);
  await rm(root, { recursive: true, force: true });
  await mkdir(path.join(root, '.anneal'), { recursive: true });
  for (const kind of kinds) await mkdir(disk(kind), { recursive: true });
  await cp(task, path.join(root, 'task'), { recursive: true });
  const environment = { ANNEAL_STORE: uri };
  const workers = await startWorkers({ root, kinds, python, temporalCli, environment, diskOf: disk });
  try {
    const run = { args: [{ task: 'task' }], taskQueue: taskQueues.recipe, workflowId: 'boost-storage' };
    const result: BoostResult = await workers.client.workflow.execute('boost', run);
    return await outcomeOf(await openStore(uri), result, folder);
  } finally {
    await workers.stop();
    for (const kind of kinds) await endLocalProcesses(disk(kind), 'kill');
  }
}

async function outcomeOf(
  store: Store,
  { outcome, reportUri, modelUri }: BoostResult,
  folder: string,
): Promise<Outcome> {
  const keyOf = (fileUri: string) => decodeURIComponent(fileUri.slice(store.uri.length + 1));
  const file = path.join(folder, 'report.json');
  await fetchFile(store, keyOf(reportUri.replace(/html$/, 'json')), file);
  const facts = JSON.parse(await readFile(file, 'utf8')) as ReportFacts;
  const { business, generic, decisions, trainings, before, after } = facts;
  const evaluations = [before.business, before.generic, after.business, after.generic];
  return {
    outcome,
    datasets: [business?.digest ?? '', generic?.digest ?? ''],
    decisions: decisions.map(({ id, verdict }) => `${id}: ${verdict}`),
    scores: evaluations.map((evaluation) => evaluation?.score.mean ?? null),
    losses: trainings.map(
      ({ name, curve }) => `${name}: ${JSON.stringify(curve.map(({ step, losses }) => [step, losses]))}`,
    ),
    model: modelUri === null ? null : ((await store.head(`${keyOf(modelUri)}/model.safetensors`))?.sha256 ?? null),
  };
}
