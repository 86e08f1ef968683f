import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { jest } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { startRun } from '../../cli/runs.js';
import type { RecordedDecision } from '../../config/decisions.js';
import { taskQueues } from '../../config/queues.js';
import type { BoostResult } from '../../config/report.js';
import { makeRoot } from '../cli/dev/supervisor.js';
import { resultWithin } from '../faults/engine.js';
import { processesAt, watchTrainers } from '../faults/processes.js';
import { engineEnvironment, faultTask, makeProject } from '../faults/project.js';
import { type Outcome, play, readRun } from '../faults/scenario.js';
import { attemptsOf } from '../faults/trainings.js';
import { type Cluster, startCluster } from './cluster.js';
import { listening } from './part.js';
import { type Lost, loseOneOfEach, startWorkers, type WorkerProcess } from './workers.js';

const minutes = 4 * faultTask.runMinutes;
jest.setTimeout(2 * minutes * 60_000);

interface OnCluster {
  result: BoostResult;
  /** Of the model, as the bucket has them. */
  storedModel: string[];
  lost: Lost[];
  /** Addresses on which the cluster's parts listen. */
  addresses: string[];
  /** Of a trainer that was there twice at once; there must be none. */
  together: string[];
  leftBehind: string[];
  facts: Awaited<ReturnType<typeof readRun>>;
}

describe('a run on PostgreSQL, with workers in processes of their own, one of each class lost on the way', () => {
  let embedded: Outcome;
  let onCluster: OnCluster;

  beforeAll(async () => {
    // One after the other: beside each other they would share the machine's two cores with eight workers.
    onCluster = await playOnCluster();
    embedded = await play({ name: 'embedded', faults: [] });
  });

  it('loses a worker of every class in the middle of its work', () => {
    expect(onCluster.lost.map(({ kind }) => kind).sort()).toEqual(Object.keys(taskQueues).sort());
  });

  it('ends as the run of the embedded engine does, by the same decisions on the same figures', () => {
    const compared = (decisions: RecordedDecision[]) =>
      decisions.map(({ id, verdict, evidence }) => ({ id, verdict, evidence }));
    expect(compared(onCluster.facts.decisions)).toEqual(compared(embedded.decisions));
    expect(onCluster.result.outcome).toBe(embedded.result.outcome);
  });

  it('leaves report and model in the store', () => {
    expect(onCluster.result.reportUri).toMatch(/^s3:\/\/anneal\/runs\/.*\/report\.html$/);
    expect(onCluster.storedModel).toEqual(expect.arrayContaining(['config.json', 'model.safetensors']));
  });

  it('repeats no training and no answered question', () => {
    const { facts, together } = onCluster;
    expect(facts.trainings.map((training) => [training.name, attemptsOf(training)])).toEqual(
      facts.trainings.map(({ name }) => [name, [1]]),
    );
    expect(facts.trainings.map(({ name }) => name)).toEqual(embedded.trainings.map(({ name }) => name));
    expect({ together, askedAgain: facts.askedAgain }).toEqual({ together: [], askedAgain: [] });
  });

  it('listens on the loopback address alone, and leaves nothing behind', () => {
    expect(onCluster.addresses.length).toBeGreaterThan(10);
    expect(onCluster.addresses.filter((address) => !address.startsWith('127.0.0.1:'))).toEqual([]);
    expect(onCluster.leftBehind).toEqual([]);
  });
});

async function playOnCluster(): Promise<OnCluster> {
  const root = await makeProject();
  const folder = await makeRoot();
  const trainers = watchTrainers(root);
  let cluster: Cluster | null = null;
  let workers: WorkerProcess[] = [];
  try {
    cluster = await startCluster(folder);
    const { address, parts, store } = cluster;
    const addresses = (await Promise.all(parts.map(({ child }) => listening(child.pid)))).flat();
    workers = await startWorkers(root, { ...engineEnvironment, ...store, TEMPORAL_ADDRESS: address });
    const { result, lost } = await runAndLose(address, root);
    for (const { child } of workers) child.kill('SIGTERM');
    await Promise.all(workers.map(({ exited }) => exited));
    await trainers.stop();
    const facts = await readRun(root, result.run);
    const storedModel = await readdir(path.join(cluster.bucket, pathInStore(result.modelUri)));
    return {
      result,
      storedModel,
      lost,
      addresses,
      together: trainers.together,
      leftBehind: await processesAt(root),
      facts,
    };
  } catch (error) {
    const said = workers.map((worker) => `── ${worker.kind}\n${worker.said().slice(-2000)}`);
    throw new Error(`${error}\n${said.join('\n')}`, { cause: error });
  } finally {
    await trainers.stop();
    for (const { child } of workers) child.kill('SIGKILL');
    for (const line of await processesAt(root)) process.kill(Number.parseInt(line, 10), 'SIGKILL');
    await cluster?.end();
    await rm(root, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

function pathInStore(uri: string | null): string {
  return decodeURIComponent(new URL(uri ?? 'none:').pathname);
}

async function runAndLose(address: string, root: string): Promise<{ result: BoostResult; lost: Lost[] }> {
  const connection = await Connection.connect({ address, connectTimeout: '20s' });
  try {
    const client = new Client({ connection });
    const started = await startRun(client, root, { task: faultTask.name });
    const over = new AbortController();
    const losing = loseOneOfEach(client, started.workflowId, over.signal);
    const result = await resultWithin(client, started, minutes).finally(() => over.abort());
    return { lost: await losing, result };
  } finally {
    await connection.close();
  }
}
