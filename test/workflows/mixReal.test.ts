import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { temporalLife } from '../../activities/processes/life.js';
import { endLocalProcesses } from '../../activities/processes/living.js';
import { toPath, toUri } from '../../activities/storage/files.js';
import { createTrainingActivities } from '../../activities/training/index.js';
import { prepareTask } from '../../bench/lib/preparedTask.js';
import { createWorkbench } from '../../bench/lib/workbench.js';
import { taskQueues } from '../../config/queues.js';
import type { MixTrial } from '../../config/report.js';
import type { MixResult } from '../../workflows/mixGeneric.js';
import type { StagedResult } from '../../workflows/trainStaged.js';
import { python } from '../activities/tinyModel.js';
import { startLocalTemporal } from './localTemporal.js';

const task = fileURLToPath(new URL('../fixtures/tasks/bins', import.meta.url));

/** Business records alone, so that general ability surely suffers; an average may cost any business. */
const settings = {
  mix: {
    ratios: [{ business: 1, generic: 0 }],
    epochs: 1,
    genericBudget: 0.05,
    averaging: [0.5, 0.05],
    businessMargin: 1,
  },
  stages: { coarseEpochs: 0.5, fineEpochs: 0.5 },
  training: { learningRate: 2e-3 },
};

describe('mixing with a real trainer', () => {
  let environment: TestWorkflowEnvironment;
  let workflowBundle: WorkflowBundleWithSourceMap;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'anneal-mix-'));
    ({ environment, workflowBundle } = await startLocalTemporal());
  });
  afterAll(async () => {
    await environment.teardown();
    await endLocalProcesses(folder, 'kill');
    await rm(folder, { recursive: true });
  });

  it('averages what forgot with its base, which brings general ability back, and writes that model (R12)', async () => {
    const workbench = createWorkbench({ python, interrupted: new AbortController().signal, tell: () => undefined });
    const prepared = await prepareTask(workbench, task, folder, { generic: true, settings });
    const recipe = { ...prepared.recipe, runFolder: toUri(path.join(folder, 'run')) };
    const log = { info: () => undefined, warn: () => undefined };
    const activities = createTrainingActivities({ ...temporalLife, ...workbench.side, log });
    const connection = environment.nativeConnection;
    const workers = [
      await Worker.create({ connection, taskQueue: taskQueues.recipe, workflowBundle }),
      await Worker.create({ connection, taskQueue: taskQueues.gpu, activities }),
    ];
    const running = workers.map((worker) => worker.run());
    const step = async <Result>(name: string, extra: object) =>
      (await environment.client.workflow.execute(name, {
        workflowId: name,
        taskQueue: taskQueues.recipe,
        args: [{ recipe, overrules: [], reportTo: null, data: prepared.data, learningRate: 2e-3, ...extra }],
      })) as Result;
    try {
      const { ratio, model: from, mix, stages, decision } = await step<MixResult>('mixGeneric', {});
      expect(decision.verdict).toBe('business only, averaged with the base');
      const [trained, half, most] = mix as [MixTrial, MixTrial, MixTrial];
      expect(trained).toMatchObject({ share: 1, standing: 'outsideBudget', chosen: false });
      expect(most).toMatchObject({ share: 0.05, standing: 'insideBudget' });
      expect(most.genericExcess).toBeLessThan(half.genericExcess ?? 0);
      expect(half.genericExcess).toBeLessThan(trained.genericExcess ?? 0);
      expect(most.genericExcessError).toBeGreaterThan(0);

      const staged = await step<StagedResult>('trainStaged', { ratio, from, ...stages });
      const share = Number(staged.decision.verdict.replace('share ', ''));
      expect(staged.mix?.find(({ chosen }) => chosen)).toMatchObject({
        training: 'fine',
        share,
        standing: 'insideBudget',
      });
      const written = JSON.parse(await readFile(path.join(toPath(staged.model), 'interpolated.json'), 'utf8'));
      expect(written).toMatchObject({ share });
      console.info([...(mix ?? []), ...(staged.mix ?? [])]);
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  }, 280_000);
});
