/** Successive halving beside a full grid on the same space, and beside Optuna with as many passes (R10, methods M6). */
import path from 'node:path';
import type { SweepSettings, Tuning } from '../../config/sweep.js';
import { defaultTuning } from '../../workflows/plan.js';
import { meanOf } from '../../workflows/policies/curve.js';
import { type Outcome, rankedOf } from '../../workflows/policies/sweep/outcome.js';
import { halve } from '../../workflows/sweeping/halving.js';
import { type Measured, machineText, tell } from '../lib/bench.js';
import { prepareTask } from '../lib/preparedTask.js';
import { type Regret, regretOf } from '../lib/regret.js';
import type { Workbench } from '../lib/workbench.js';
import { searchByOptuna } from './optuna.js';
import { sweptTask } from './planted.js';
import { logGrid, passesOf, space } from './space.js';
import { type BenchWorld, worldOf } from './world.js';

export interface Size {
  epochs: number;
  trials: number;
  /** Rates of the grid, for each batch. */
  rates: number;
  optuna: boolean;
}

/** Shares of the full grid's steps that are claimed: without seeds, and with all that proves the difference. */
const claimed = { plain: 0.27, whole: 0.55 };

interface Searched {
  name: string;
  table: readonly Outcome[];
  chosen: Outcome | null;
  world: BenchWorld;
}

export async function besideGrid(workbench: Workbench, folder: string, size: Size): Promise<Measured> {
  const rates = logGrid(size.rates);
  const swept = await prepareTask(workbench, sweptTask, folder, {
    settings: {
      // More items to judge by than the task's own splits have, and nothing else of it changed.
      data: { split: { train: 0.5, dev: 0.02, validation: 0.3, test: 0.18 } },
      training: { evaluationItems: 120, batchSize: 32 },
      sweep: { learningRates: logGrid(4), epochs: size.epochs, trials: size.trials, batchSizes: space.batchSizes },
    },
  });
  const { settings } = swept.recipe;
  const defaults = defaultTuning(swept.recipe);

  tell(`halving: ${size.trials} trials`);
  const world = worldOf(workbench, swept, folder, 'halving');
  const halved = await halve({ settings: settings.sweep, defaults, seed: settings.seed }, world);
  const searches: Searched[] = [{ name: 'halving', table: halved.table, chosen: halved.chosen, world }];

  tell(`full grid: ${rates.length} rates, ${space.batchSizes.length} batches`);
  searches.push(await fullGrid(worldOf(workbench, swept, folder, 'grid'), rates, defaults, settings.sweep));

  if (size.optuna) {
    const passes = passesOf(halved.table);
    tell(`Optuna: ${passes.toFixed(1)} passes`);
    const world = worldOf(workbench, swept, folder, 'optuna');
    const found = await searchByOptuna({ world, defaults, passes, sweep: settings.sweep, seed: settings.seed });
    searches.push({ name: 'Optuna', ...found, world });
  }
  return measured(searches, { folder: path.join(folder, 'trainings'), seeds: settings.sweep.seeds });
}

async function fullGrid(
  world: BenchWorld,
  rates: number[],
  defaults: Tuning,
  { epochs }: SweepSettings,
): Promise<Searched> {
  const points = space.batchSizes.flatMap((batchSize) =>
    rates.map((learningRate): Tuning => ({ ...defaults, learningRate, batchSize })),
  );
  const table = await world.train(
    points.map((tuning, index) => ({ trial: `trial-${index + 1}`, tuning, rung: 1, seed: 1, epochs, below: null })),
  );
  return { name: 'full grid', table, chosen: rankedOf(table)[0] ?? null, world };
}

async function measured(
  searches: readonly Searched[],
  { folder, seeds }: { folder: string; seeds: number },
): Promise<Measured> {
  const grid = searches.find(({ name }) => name === 'full grid');
  const gridSteps = samplesOf(grid?.table ?? []);
  const gridItems = grid && (await itemsOverSeeds(grid, seeds));
  const compared: { search: Searched; regret: Regret | null; loss: number | null; plain: number; whole: number }[] = [];
  for (const search of searches) {
    const items = await itemsOverSeeds(search, seeds);
    const regret = items && gridItems ? regretOf(items, gridItems) : null;
    const loss = items && meanOf([...items.values()]);
    const plain = samplesOf(search.table.filter(({ seed }) => seed === 1)) / gridSteps;
    compared.push({ search, regret, loss, plain, whole: samplesOf(search.table) / gridSteps });
  }
  const [halving] = compared;
  const within = halving?.regret ? halving.regret.mean <= halving.regret.standardError : false;
  const cheap = halving ? halving.plain <= claimed.plain && halving.whole <= claimed.whole : false;
  const share = (value: number) => `${(100 * value).toFixed(1)} %`;
  return {
    columns: [
      'Machine',
      'Search',
      'Trainings',
      'Steps',
      'Of them without seeds',
      'Rate',
      'Batch',
      'Loss',
      'Over seeds',
      'Behind the grid’s best',
      'Standard error',
    ],
    rows: compared.map(({ search, regret, loss, plain, whole }) => [
      machineText(null),
      search.name,
      `${search.table.length}`,
      share(whole),
      share(plain),
      search.chosen ? String(search.chosen.tuning.learningRate) : 'none',
      search.chosen ? String(search.chosen.tuning.batchSize) : '',
      search.chosen?.loss?.toFixed(4) ?? '',
      loss?.toFixed(4) ?? '',
      regret?.mean.toFixed(4) ?? '',
      regret?.standardError.toFixed(4) ?? '',
    ]),
    claim: `Halving takes ${share(halving?.plain ?? 0)} of the grid's samples, ${share(halving?.whole ?? 0)} with the seeds, and its setting is ${within ? 'within' : 'NOT within'} one standard error of the grid's best: mean loss of ${seeds} seeds of each, paired over ${halving?.regret?.items ?? 0} items.`,
    holds: within && cheap,
    facts: {
      space,
      folder,
      searches: searches.map(({ name, table, chosen, world }) => ({ name, chosen, table, decisions: world.decisions })),
      compared: compared.map(({ search, ...rest }) => ({ search: search.name, ...rest })),
    },
  };
}

/**
 * Loss by item of the setting that a search chose, the mean over seeds: the least of many trainings is partly a lucky seed.
 * Seeds that the search itself did not train are trained here, and count for no search. Null where it chose none.
 */
async function itemsOverSeeds({ chosen, world }: Searched, seeds: number): Promise<Map<string, number> | null> {
  if (chosen === null) return null;
  const { trial, tuning, rung, epochs } = chosen;
  const rest = Array.from({ length: seeds - 1 }, (_, index) => index + 2);
  const others = await world.train(rest.map((seed) => ({ trial, tuning, rung, epochs, seed, below: null })));
  const failed = others.find((each) => each.failed !== null);
  if (failed) throw new Error(`Seed ${failed.seed} of ${trial} failed: ${failed.failed}`);
  const all = await Promise.all([chosen, ...others].map((outcome) => world.itemsOf(outcome)));
  const [first] = all as [Map<string, number>];
  return new Map([...first.keys()].map((id) => [id, meanOf(all.map((items) => items.get(id) ?? Number.NaN))]));
}

/** Steps weighed by their batch: trials of other batches take other steps for the same work. */
function samplesOf(table: readonly Outcome[]): number {
  return table.reduce((sum, { steps, tuning }) => sum + steps * tuning.batchSize, 0);
}
