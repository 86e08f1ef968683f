/** Planted best: a sweep with real trainings over a grid whose best rate is neither the default nor in the middle (R10). */
import path from 'node:path';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { type Measured, machineText } from '../lib/bench.js';
import { prepareTask } from '../lib/preparedTask.js';
import { choiceOf, plantedSweep, type Trial, tryRate } from '../lib/rateTrials.js';
import type { Workbench } from '../lib/workbench.js';

export const sweptTask = path.join(packageFolder, 'test', 'fixtures', 'tasks', 'parts');

export async function plantedRate(workbench: Workbench, folder: string): Promise<Measured> {
  const swept = await prepareTask(workbench, sweptTask, folder);
  const tried: Awaited<ReturnType<typeof tryRate>>[] = [];
  for (const learningRate of plantedSweep.rates) {
    tried.push(await tryRate(workbench, swept, { learningRate, epochs: plantedSweep.epochs, folder }));
  }
  const trials = tried.map(({ trial }) => trial);
  return measured(trials, choiceOf(trials, swept), tried[0]?.device ?? null);
}

function measured(trials: Trial[], choice: ReturnType<typeof choiceOf>, device: string | null): Measured {
  const { planted, defaults, epochs } = plantedSweep;
  const mark = (rate: number) =>
    [rate === planted ? 'planted' : '', rate === choice.learningRate ? 'found' : '', defaults[rate] ?? '']
      .filter((word) => word !== '')
      .join(', ');
  return {
    columns: ['Machine', 'Rate', 'Validation loss', 'Standard error', ''],
    rows: trials.map(({ learningRate, loss, standardError, failed }) => [
      machineText(device),
      `${learningRate}`,
      failed ?? loss?.toFixed(3) ?? 'none',
      standardError?.toFixed(3) ?? '',
      mark(learningRate),
    ]),
    claim: `${choice.reason} The planted best is ${planted}; ${epochs} passes over the business data each.`,
    holds: choice.verdict === 'chosen' && choice.learningRate === planted,
    facts: { ...plantedSweep, trials, choice },
  };
}
