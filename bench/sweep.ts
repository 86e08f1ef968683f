/** `npm run bench -- sweep [planted] [halving] [optuna]`: does the sweep find the best, and what does it take (R10)? */
import { problem } from '../config/problems.js';
import { bench, type Measured, positive, tell } from './lib/bench.js';
import { workbenchHere } from './lib/workbench.js';
import { besideGrid } from './sweep/besideGrid.js';
import { plantedRate } from './sweep/planted.js';

const about = `planted (the default) trains a short task once for each rate of a grid, and asks the recipe's own policy which rate
it takes. The best is planted: with so few steps the default can't get there, and the rates beyond the best destroy the model.
So the best is known before anything is trained, it is neither R8's nor the preset's default, and it lies off the centre.

halving sweeps rate and batch by successive halving and trains a full grid of the same space, and compares the two settings item
by item, over three seeds each. optuna does so and lets Optuna's TPE and its pruner search the same space with as many passes as halving took.

  --epochs N     passes over the business data of the last rung (27)
  --trials N     trials of halving at most (16)
  --grid N       rates of the grid, for each of three batches (9)`;

const arms = ['planted', 'halving', 'optuna'] as const;

const options = {
  epochs: { type: 'string', default: '27' },
  trials: { type: 'string', default: '16' },
  grid: { type: 'string', default: '9' },
} as const;

await bench({ name: 'sweep', about, options }, async ({ values, names, folder, interrupted }): Promise<Measured> => {
  const [arm = 'planted'] = names;
  if (!arms.some((each) => each === arm) || names.length > 1)
    throw problem('InvalidInput', {
      what: `There is no arm "${names.join(' ')}" of this bench.`,
      where: 'npm run bench -- sweep ARM',
      todo: `Name one of ${arms.join(', ')}.`,
    });
  const workbench = await workbenchHere({ interrupted, tell });
  if (arm === 'planted') return plantedRate(workbench, folder);
  const size = {
    epochs: positive('--epochs', values.epochs),
    trials: positive('--trials', values.trials),
    rates: positive('--grid', values.grid),
  };
  return besideGrid(workbench, folder, { ...size, optuna: arm === 'optuna' });
});
