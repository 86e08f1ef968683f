/**
 * A run of which something is to be observed: the real workflows and workers. The figures of most activities are scripted;
 * one training is a process of the stand-in trainer, submitted and watched by the real activities, and one evaluation asks a
 * real HTTP server.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { toUri } from '../../activities/storage/files.js';
import { createTrainingActivities } from '../../activities/training/index.js';
import { createVlmActivities } from '../../activities/vlm/index.js';
import { problem } from '../../config/problems.js';
import { taskQueues } from '../../config/queues.js';
import type { BoostResult } from '../../config/report.js';
import { dataConverterOf } from '../../connection/converter.js';
import { bounded } from '../../workers/boundary.js';
import type { WorkerKind } from '../../workers/kinds.js';
import { workerOptions } from '../../workers/options.js';
import { asking, life, log, metrics } from '../../workers/wiring/place.js';
import { python } from '../activities/tinyModel.js';
import { jobOf, standInFolder } from '../activities/training/standIn.js';
import { endpointOf, inputOf, recordsOf, writeSet } from '../activities/vlm/builders.js';
import { ok, StandIn } from '../activities/vlm/standIn.js';
import { everythingWorks, scriptedActivities } from '../workflows/scriptedActivities.js';

/** What the real part does, and what a test can count. */
export const trained = { steps: 40, samples: 320, answerTokens: 960 };
export const asked = 6;

export interface Observed {
  result: BoostResult;
  workflowId: string;
}

/** The stand-in trainer is held for so long, seconds, that a scraper sees it train. */
const trainingSeconds = 4;

interface Around {
  environment: TestWorkflowEnvironment;
  client: Client;
  plugins?: NonNullable<WorkerOptions['plugins']>;
  traces?: Parameters<typeof createTrainingActivities>[0]['traces'];
}

/** Plays one run with a budget to its end. */
export async function observedRun({ environment, client, plugins = [], traces }: Around): Promise<Observed> {
  const folder = await mkdtemp(path.join(tmpdir(), 'anneal-observed-'));
  // One after the other, so that a scraper sees the calls grow.
  const server = new StandIn(() => ({ ...ok('yes'), after: 400 }));
  const endpoint = endpointOf(await server.start());
  const real = {
    ...createTrainingActivities({
      ...life,
      python,
      trainerFolder: standInFolder,
      log,
      metrics,
      traces,
      pollMilliseconds: 100,
    }),
    ...createVlmActivities(asking),
  };
  const setUri = toUri(await writeSet(folder, recordsOf(asked)));
  const job = await jobOf({ steps: trained.steps, secondsPerStep: trainingSeconds / trained.steps, evaluateEvery: 10 });
  const quick = { sweep: { learningRates: [1e-3] }, mix: { ratios: [{ business: 1, generic: 1 }] } };
  const budget = { trainerHours: 100, prices: { trainerHour: 3600 } };
  const settings = { onQuestion: 'stop' as const, ...quick, align: { when: 'off' as const }, budget };
  const scripted = scriptedActivities({ ...everythingWorks, settings }, []);
  let refused = false;
  const isSanity = (folderUri: string) => folderUri.includes('/sanity.');
  const activities = bounded({
    ...scripted,
    buildDatasetFolder: async (input: Parameters<typeof scripted.buildDatasetFolder>[0]) => {
      if (refused) return scripted.buildDatasetFolder(input);
      refused = true;
      throw problem('EndpointUnavailable', { what: 'It is away for a moment.', where: 'here', todo: 'Wait.' });
    },
    evaluateOverEndpoint: async (input: Parameters<typeof scripted.evaluateOverEndpoint>[0]) => {
      if (input.name === 'before-test')
        await real.evaluateOverEndpoint(inputOf({ endpoint, setUri, into: toUri(folder), concurrency: 1 }));
      return scripted.evaluateOverEndpoint(input);
    },
    submitTraining: async (input: Parameters<typeof scripted.submitTraining>[0]) => {
      if (isSanity(input.folder))
        await real.submitTraining({ spec: { ...job.spec, key: input.spec.key }, folder: job.uri });
      return scripted.submitTraining(input);
    },
    watchTraining: async (input: Parameters<typeof scripted.watchTraining>[0] & { handle: { key: string } }) => {
      if (isSanity(input.handle.folder))
        await real.watchTraining({
          handle: { ...input.handle, folder: job.uri, adopted: false },
          seen: 999,
          stage: 'sanity',
        });
      return scripted.watchTraining(input);
    },
  });
  const { nativeConnection: connection } = environment;
  const equipment = { connection, namespace: 'default', dataConverter: dataConverterOf(null), plugins };
  const kinds = Object.keys(taskQueues) as WorkerKind[];
  const workers = await Promise.all(
    kinds.map((kind) => Worker.create(workerOptions(kind, { ...equipment, activities }))),
  );
  const running = workers.map((worker) => worker.run());
  try {
    const workflowId = 'boost-observed';
    const handle = await client.workflow.start('boost', {
      workflowId,
      taskQueue: taskQueues.recipe,
      args: [{ task: 'examples/digits' }],
    });
    return { result: (await handle.result()) as BoostResult, workflowId };
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await server.stop();
  }
}
