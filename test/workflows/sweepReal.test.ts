import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from '@jest/globals';
import { endLocalProcesses } from '../../activities/processes/living.js';
import { prepareTask } from '../../bench/lib/preparedTask.js';
import { choiceOf, plantedSweep, type Trial, tryRate } from '../../bench/lib/rateTrials.js';
import { createWorkbench } from '../../bench/lib/workbench.js';
import { python } from '../activities/tinyModel.js';

const task = fileURLToPath(new URL('../fixtures/tasks/parts', import.meta.url));
const folder = await mkdtemp(path.join(tmpdir(), 'anneal-sweep-'));

afterAll(async () => {
  await endLocalProcesses(folder, 'kill');
  await rm(folder, { recursive: true });
});

it('finds by real trainings the planted best rate, which is neither the default nor in the middle', async () => {
  const workbench = createWorkbench({ python, interrupted: new AbortController().signal, tell: () => undefined });
  const swept = await prepareTask(workbench, task, folder);
  expect(swept.recipe.settings.training.learningRate).not.toBe(plantedSweep.planted);

  const trials: Trial[] = [];
  for (const learningRate of plantedSweep.rates.slice(1)) {
    const { trial } = await tryRate(workbench, swept, { learningRate, epochs: plantedSweep.epochs, folder });
    trials.push(trial);
  }
  expect(choiceOf(trials, swept)).toMatchObject({ verdict: 'chosen', learningRate: plantedSweep.planted });
}, 300_000);
