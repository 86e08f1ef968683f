/** Planted best: a sweep with real trainings over a grid whose best rate is neither the default nor in the middle (R10). */

import path from 'node:path';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { bench, type Measured, machineText, tell } from './lib/bench.js';
import { prepareTask } from './lib/preparedTask.js';
import { choiceOf, plantedSweep, type Trial, tryRate } from './lib/rateTrials.js';
import { workbenchHere } from './lib/workbench.js';

const about = `Trains a short task once for each rate of a grid, and asks the recipe's own policy which rate it takes. The best is
planted: with so few steps the default can't get there, and the rates beyond the best destroy the model. So the best is known
before anything is trained, it is neither R8's nor the preset's default, and it lies off the centre.`;

const task = path.join(packageFolder, 'test', 'fixtures', 'tasks', 'parts');

await bench({ name: 'sweep', about, options: {} }, async ({ folder, interrupted }) => {
  const workbench = await workbenchHere({ interrupted, tell });
  const swept = await prepareTask(workbench, task, folder);
  const tried: Awaited<ReturnType<typeof tryRate>>[] = [];
  for (const learningRate of plantedSweep.rates) {
    tried.push(await tryRate(workbench, swept, { learningRate, epochs: plantedSweep.epochs, folder }));
  }
  const trials = tried.map(({ trial }) => trial);
  return measured(trials, choiceOf(trials, swept), tried[0]?.device ?? null);
});

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
