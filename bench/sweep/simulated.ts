/** The search of the step `sweep` on losses that are made up, beside a full grid of the same space (methods M6). */
import { SweepSettings, type Tuning } from '../../config/sweep.js';
import { normalDraw, uniformFrom } from '../../workflows/policies/statistics/random.js';
import type { Outcome } from '../../workflows/policies/sweep/outcome.js';
import { halve } from '../../workflows/sweeping/halving.js';
import type { Wish } from '../../workflows/sweeping/world.js';

/** Rates from .5 to 8, and so many batches. */
const space = { learningRates: [0.5, 1.26, 3.17, 8], batchSizes: [8, 16, 32] };
const defaults: Tuning = { learningRate: 1, batchSize: 16, loraRank: null, warmupRatio: 0.03 };
const epochs = 9;
const gridRates = Array.from({ length: 9 }, (_, index) => 0.5 * 16 ** (index / 8));
const gridPasses = gridRates.length * space.batchSizes.length * epochs;

export interface Conditions {
  /** Nats that a rate e times as high, for its batch, is ahead by at the first pass, and no more at the last. */
  haste: number;
  /** Noise between seeds, nats. */
  seedSd: number;
  /** Halves the rates among the other trials, as the rule of before did. */
  former?: boolean;
}

/** One search beside one grid: how far what each takes is from the best, in nats, and the passes as a share of the grid's. */
export interface Searched {
  regret: number;
  gridRegret: number;
  withoutSeeds: number;
  whole: number;
}

/** Losses of a space whose best rate grows with the root of the batch, but for some error of that rule. */
function curves(run: number, { haste, seedSd }: Conditions) {
  const uniform = uniformFrom(run * 7919 + 1);
  const normal = () => normalDraw(uniform);
  const centre = Math.log(0.8) + uniform() * Math.log(5 / 0.8);
  const errors = space.batchSizes.map(() => 0.2 * normal());
  const offsets = space.batchSizes.map(() => Math.abs(0.03 * normal()));
  const quality = ({ learningRate, batchSize }: Pick<Tuning, 'learningRate' | 'batchSize'>) => {
    const place = space.batchSizes.indexOf(batchSize);
    const best = centre + 0.5 * Math.log(batchSize / 16) + (errors[place] ?? 0);
    return 0.3 + 0.03 * (Math.log(learningRate) - best) ** 2 + (offsets[place] ?? 0);
  };
  const ahead = ({ learningRate, batchSize }: Tuning) => Math.log(learningRate) - 0.5 * Math.log(batchSize / 16);
  const lossOf = ({ tuning, epochs: passes }: Wish) =>
    quality(tuning) - haste * ahead(tuning) * (1 - Math.log(passes) / Math.log(epochs)) + seedSd * normal();
  return { quality, lossOf, noise: () => seedSd * normal() };
}

function outcomeOf(wish: Wish, loss: number): Outcome {
  const { trial, tuning, rung, seed, below } = wish;
  const addedEpochs = wish.epochs - (below?.epochs ?? 0);
  const made = { standardError: null, genericLoss: null, checkpoint: `${trial}/${rung}`, failed: null };
  const cost = { steps: Math.round((160 * addedEpochs) / tuning.batchSize), seconds: addedEpochs };
  return { trial, tuning, rung, seed, epochs: wish.epochs, addedEpochs, loss, ...cost, ...made };
}

export async function searchBesideGrid(run: number, conditions: Conditions): Promise<Searched> {
  const { quality, lossOf, noise } = curves(run, conditions);
  const { former = false } = conditions;
  const search = former ? { trials: 27, rateSpread: 2 } : { trials: 16 };
  const settings = SweepSettings.parse({ ...space, ...search, epochs, extendAtEdge: false, minimumEffect: 0 });
  const { chosen, table } = await halve(
    { settings, defaults, seed: run, ratesAtFullLength: !former },
    {
      train: async (wishes) => wishes.map((wish) => outcomeOf(wish, lossOf(wish))),
      release: async () => undefined,
      decide: async () => undefined,
      tell: async () => undefined,
    },
  );
  const grid = gridRates.flatMap((learningRate) =>
    space.batchSizes.map((batchSize) => quality({ learningRate, batchSize })),
  );
  const measured = grid.map((each) => each + noise());
  const best = Math.min(...grid);
  const share = (of: readonly Outcome[]) => of.reduce((sum, { addedEpochs }) => sum + addedEpochs, 0) / gridPasses;
  return {
    regret: quality(chosen?.tuning ?? defaults) - best,
    gridRegret: (grid[measured.indexOf(Math.min(...measured))] ?? Number.NaN) - best,
    withoutSeeds: share(table.filter(({ seed }) => seed === 1)),
    whole: share(table),
  };
}
