/** Real trainings far past their point: is the checkpoint that the watchdog keeps as good as the best in hindsight (R16)? */
import path from 'node:path';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import type { MixRatio } from '../config/settings.js';
import { type EvaluationPoint, TrainingSpec } from '../config/training.js';
import { businessOnly, mixText, splitUri, trainingSpec } from '../workflows/plan.js';
import { chooseCheckpoint } from '../workflows/policies/chooseCheckpoint.js';
import { genericAllowance } from '../workflows/policies/curve.js';
import { overfitWatchdog } from '../workflows/policies/overfitWatchdog.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { type PreparedTask, prepareTask } from './lib/preparedTask.js';
import { percent } from './lib/table.js';
import { type Workbench, workbenchHere } from './lib/workbench.js';

const about = `Trains the embedded model on part of examples/digits far past its point, with and without generic data, and lets the watchdog
judge the points as they came. Every checkpoint is measured on test items too, which neither the watchdog nor the choice sees.

  --seeds N     so many seeds (3)
  --records N   business records that are trained on (240)
  --epochs E    passes over them (40)
  --items N     test items that judge in hindsight (400)`;

const mixes: readonly MixRatio[] = [businessOnly, { business: 5, generic: 1 }];

interface Wish {
  seed: number;
  mix: MixRatio;
  records: number;
  epochs: number;
  items: number;
}

interface Judged extends Wish {
  device: string | null;
  verdict: string;
  stopped: number | null;
  last: number;
  kept: Hindsight;
  best: Hindsight;
  end: Hindsight;
  /** Standard error of the best one's share. */
  error: number;
}

/** A checkpoint on items that were not looked at. */
interface Hindsight {
  step: number;
  epoch: number;
  /** Share of test items answered exactly. */
  right: number;
  /** Rise of the loss of held-out generic items over step 0, in nats a token. */
  excess: number;
}

await bench(
  {
    name: 'hindsight',
    about,
    options: {
      seeds: { type: 'string', default: '3' },
      records: { type: 'string', default: '240' },
      epochs: { type: 'string', default: '40' },
      items: { type: 'string', default: '400' },
    },
  },
  async ({ values, folder, interrupted }) => {
    const workbench = await workbenchHere({ interrupted, tell });
    const task = path.join(packageFolder, 'examples', 'digits');
    const prepared = await prepareTask(workbench, task, folder, { generic: true });
    const [records, epochs] = [positive('--records', values.records), positive('--epochs', values.epochs)];
    const items = positive('--items', values.items);
    const judged: Judged[] = [];
    for (let seed = 1; seed <= positive('--seeds', values.seeds); seed++)
      for (const mix of mixes)
        judged.push(await trainPast(workbench, prepared, { seed, mix, records, epochs, items }, folder));
    return measured(judged);
  },
);

async function trainPast(workbench: Workbench, prepared: PreparedTask, wish: Wish, folder: string): Promise<Judged> {
  const spec = pastSpec(prepared, wish);
  const { points, failed, device } = await workbench.train(spec, path.join(folder, 'trainings', spec.key));
  if (failed !== null) throw new Error(`${spec.key}: ${failed}`);
  return { ...wish, device, ...judge(points, prepared, wish) };
}

/** What the mix step would train, longer, with two sets more that are only looked at afterwards. */
function pastSpec({ recipe, data }: PreparedTask, { seed, mix, records, epochs, items }: Wish): TrainingSpec {
  const name = `hindsight/${mix.generic}-${seed}`;
  const wished = trainingSpec({
    recipe: { ...recipe, settings: { ...recipe.settings, seed } },
    data,
    name,
    model: recipe.model.uri,
    learningRate: recipe.settings.training.learningRate,
    epochs,
    mix,
    phrasing: 'fine',
    schedule: 'constant',
    evaluationsPerEpoch: 1,
    limit: records,
  });
  const { validation } = wished.evaluate;
  const evaluate = {
    ...wished.evaluate,
    test: { ...validation, uri: splitUri(data.business, 'test'), limit: items },
    ...(data.generic ? { generictest: { uri: splitUri(data.generic, 'test'), limit: items } } : {}),
  };
  return TrainingSpec.parse({ ...wished, evaluate, keepCheckpoints: 1 });
}

function judge(points: readonly EvaluationPoint[], { recipe }: PreparedTask, { epochs, items }: Wish) {
  const { watchdog, mix, sweep } = recipe.settings;
  const budget = { genericBudget: mix.lossBudget, genericFloor: mix.lossFloor };
  const limits = {
    ...watchdog,
    ...budget,
    plannedEnd: epochs,
    minimumEffect: sweep.minimumEffect,
    plateauStops: false,
  };
  const seen = points.findIndex((_, index) => overfitWatchdog(points.slice(0, index + 1), limits).verdict === 'stop');
  const until = seen === -1 ? points : points.slice(0, seen + 1);
  const choice = chooseCheckpoint(until, budget);
  const first = points[0]?.losses['generictest'] ?? Number.NaN;
  const all = points.filter(({ step }) => step > 0).map((point) => hindsightOf(point, first));
  const inside = all.filter(({ excess }) => excess <= genericAllowance(first, budget));
  const best = (inside.length > 0 ? inside : all).reduce((top, each) => (each.right > top.right ? each : top));
  const kept = all.find(({ step }) => step === choice.step);
  const end = all.at(-1);
  if (kept === undefined || end === undefined) throw new Error(choice.reason);
  return {
    verdict: seen === -1 ? 'continue' : (overfitWatchdog(until, limits).cause ?? 'stop'),
    stopped: seen === -1 ? null : (until.at(-1)?.epoch ?? null),
    last: points.at(-1)?.epoch ?? 0,
    kept,
    best,
    end,
    error: Math.sqrt((best.right * (1 - best.right)) / items),
  };
}

function hindsightOf({ step, epoch, losses, exact }: EvaluationPoint, first: number): Hindsight {
  return { step, epoch, right: exact['test'] ?? Number.NaN, excess: (losses['generictest'] ?? Number.NaN) - first };
}

function measured(judged: readonly Judged[]): Measured {
  const off = ({ best, kept }: Judged) => best.right - kept.right;
  const within = judged.filter((each) => off(each) <= each.error);
  const text = ({ right, excess, epoch }: Hindsight) =>
    `${percent(right)}, generic loss ${excess >= 0 ? '+' : ''}${excess.toFixed(3)} (epoch ${Math.round(epoch)})`;
  return {
    columns: [
      'Machine',
      'Seed',
      'Trained on',
      'Watchdog',
      'Kept',
      'Best in hindsight',
      'At the end',
      'Off the best',
      'One standard error',
    ],
    rows: judged.map((each) => [
      machineText(each.device),
      `${each.seed}`,
      mixText(each.mix),
      each.stopped === null
        ? 'let it go on'
        : `${each.verdict} at epoch ${Math.round(each.stopped)} of ${Math.round(each.last)}`,
      text(each.kept),
      text(each.best),
      text(each.end),
      percent(off(each)),
      percent(each.error),
    ]),
    claim: `In ${within.length} of ${judged.length} trainings far past their point the kept checkpoint is within one standard error of the best in hindsight inside the generic budget.`,
    holds: within.length === judged.length,
    facts: { judged },
  };
}
