/** Real trainings far past their point: is the checkpoint that the watchdog keeps as good as the best in hindsight (R16)? */
import path from 'node:path';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { problem } from '../config/problems.js';
import { MixRatio } from '../config/settings.js';
import { type EvaluationPoint, TrainingSpec } from '../config/training.js';
import { businessOnly, mixText, splitUri, trainingSpec } from '../workflows/plan.js';
import { chooseCheckpoint } from '../workflows/policies/chooseCheckpoint.js';
import { genericAllowance, meanOf, withoutSet } from '../workflows/policies/curve.js';
import { overfitWatchdog } from '../workflows/policies/overfitWatchdog.js';
import { normalQuantile } from '../workflows/policies/statistics/quantiles.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { itemLosses } from './lib/events.js';
import { type PreparedTask, prepareTask } from './lib/preparedTask.js';
import { type Regret, regretOf } from './lib/regret.js';
import { percent } from './lib/table.js';
import { type Workbench, workbenchHere } from './lib/workbench.js';

const about = `Trains the embedded model on part of examples/digits far past its point, with and without generic data, and lets the watchdog
judge the points as they came; without generic data by validation alone, as its generic budget is spent at once. Every checkpoint
is measured on test items too, which neither the watchdog nor the choice sees: losses, item by item.

  --seeds N     so many seeds (6)
  --records N   business records that are trained on (96)
  --epochs E    passes over them (60)
  --items N     held-out items of each kind that the watchdog sees, and as many others that judge in hindsight (400)
  --mix B:G     business and generic parts of the trainings with generic data (1:1, the last that the recipe tries)
  --shift P     augmentation by small shifts, per cent of the width; it puts the point off (0)`;

/** Of 1,797 scans few are trained on, so that as many can be held out. */
const split = { train: 0.3, dev: 0.01, validation: 0.345, test: 0.345 };

/** That a checkpoint is surely behind the best, with all trainings taken together. */
const surely = 0.05;

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
  /** Loss on test items of the kept one over that of the best, mean and standard error over the items. */
  off: Regret;
}

/** A checkpoint on items that were not looked at. */
interface Hindsight {
  step: number;
  epoch: number;
  /** Nats a token. */
  loss: number;
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
      seeds: { type: 'string', default: '6' },
      records: { type: 'string', default: '96' },
      epochs: { type: 'string', default: '60' },
      items: { type: 'string', default: '400' },
      mix: { type: 'string', default: '1:1' },
      shift: { type: 'string', default: '0' },
    },
  },
  async ({ values, folder, interrupted }) => {
    const workbench = await workbenchHere({ interrupted, tell });
    const task = path.join(packageFolder, 'examples', 'digits');
    const [records, epochs] = [positive('--records', values.records), positive('--epochs', values.epochs)];
    const items = positive('--items', values.items);
    const training = { evaluationItems: items, shiftPixels: Number(values.shift) };
    const prepared = await prepareTask(workbench, task, folder, {
      generic: true,
      settings: { data: { split }, training },
    });
    const mixes = [businessOnly, mixOf(values.mix)];
    const judged: Judged[] = [];
    for (let seed = 1; seed <= positive('--seeds', values.seeds); seed++)
      for (const mix of mixes)
        judged.push(await trainPast(workbench, prepared, { seed, mix, records, epochs, items }, folder));
    return measured(judged);
  },
);

function mixOf(text: string): MixRatio {
  const [business, generic] = text.split(':').map(Number);
  const mix = MixRatio.safeParse({ business, generic });
  if (mix.success) return mix.data;
  throw problem('InvalidInput', {
    what: `"${text}" is no ratio of business to generic data.`,
    where: '--mix',
    todo: 'Write both parts, such as 5:1.',
  });
}

async function trainPast(workbench: Workbench, prepared: PreparedTask, wish: Wish, folder: string): Promise<Judged> {
  const spec = pastSpec(prepared, wish);
  const job = path.join(folder, 'trainings', spec.key);
  const { points, failed, device } = await workbench.train(spec, job);
  if (failed !== null) throw new Error(`${spec.key}: ${failed}`);
  const { inside, ...judged } = judge(points, prepared, wish);
  const kept = await testLosses(job, judged.kept);
  const others = await Promise.all(inside.map((each) => testLosses(job, each)));
  return { ...wish, device, ...judged, off: offTheBest(kept, others) };
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

function judge(given: readonly EvaluationPoint[], { recipe }: PreparedTask, { epochs, mix }: Wish) {
  const { watchdog, mix: guard, sweep } = recipe.settings;
  const isGuarded = mix.generic > 0;
  const points = isGuarded ? given : withoutSet(given, 'generic');
  const budget = { genericBudget: guard.lossBudget, genericFloor: guard.lossFloor };
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
  const first = given[0]?.losses['generictest'] ?? Number.NaN;
  const all = given.filter(({ step }) => step > 0).map((point) => hindsightOf(point, first));
  const allowed = all.filter(({ excess }) => !isGuarded || excess <= genericAllowance(first, budget));
  const inside = allowed.length > 0 ? allowed : all;
  const best = inside.reduce((top, each) => (each.loss < top.loss ? each : top));
  const kept = all.find(({ step }) => step === choice.step);
  const end = all.at(-1);
  if (kept === undefined || end === undefined) throw new Error(choice.reason);
  return {
    verdict: seen === -1 ? 'continue' : (overfitWatchdog(until, limits).cause ?? 'stop'),
    stopped: seen === -1 ? null : (until.at(-1)?.epoch ?? null),
    last: given.at(-1)?.epoch ?? 0,
    kept,
    best,
    end,
    inside,
  };
}

function hindsightOf({ step, epoch, losses, exact }: EvaluationPoint, first: number): Hindsight {
  const of = (set: string) => losses[set] ?? Number.NaN;
  return { step, epoch, loss: of('test'), right: exact['test'] ?? Number.NaN, excess: of('generictest') - first };
}

/** The best by one half of the items, compared on the other half, and the other way round: the least of so many is partly luck. */
function offTheBest(kept: ReadonlyMap<string, number>, others: readonly ReadonlyMap<string, number>[]): Regret {
  const ids = [...kept.keys()].sort();
  const halves = [0, 1].map((half) => ids.filter((_, index) => index % 2 === half));
  const best = halves.flatMap((half, place) => {
    const sum = (losses: ReadonlyMap<string, number>) => half.reduce((total, id) => total + (losses.get(id) ?? 0), 0);
    const top = others.reduce((one, other) => (sum(other) < sum(one) ? other : one));
    return (halves[1 - place] ?? []).map((id): [string, number] => [id, top.get(id) ?? Number.NaN]);
  });
  return regretOf(kept, new Map(best));
}

/** Losses of the test items at a checkpoint. */
async function testLosses(job: string, { step }: Hindsight): Promise<Map<string, number>> {
  const items = await itemLosses(job, 'test', (evaluation) => evaluation.step === step);
  if (items === null) throw new Error(`${job} has no evaluation at step ${step}.`);
  return items;
}

function measured(judged: readonly Judged[]): Measured {
  const within = judged.filter(({ off }) => off.mean <= off.standardError);
  const off = meanOf(judged.map((each) => each.off.mean));
  const error = meanOf(judged.map((each) => each.off.standardError));
  // Of so many comparisons one is far off by luck (Bonferroni).
  const bound = normalQuantile(1 - surely / judged.length);
  const behind = judged.filter((each) => each.off.mean > bound * each.off.standardError);
  const text = ({ loss, right, excess, epoch }: Hindsight) =>
    `${loss.toFixed(3)}, ${percent(right)} right, generic ${excess >= 0 ? '+' : ''}${excess.toFixed(2)} (epoch ${Math.round(epoch)})`;
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
      'Standard error',
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
      each.off.mean.toFixed(3),
      each.off.standardError.toFixed(3),
    ]),
    claim: `In ${judged.length} trainings far past their point the kept checkpoint is ${off.toFixed(3)} nats off the best in hindsight in the mean, within one standard error of a comparison (${error.toFixed(3)}), and none is surely behind (${behind.length} above ${bound.toFixed(1)} standard errors; ${within.length} within one, of which equal checkpoints have 84 %): loss on test items, inside the generic budget where there is generic data.`,
    holds: off <= error && behind.length === 0,
    facts: { judged, off, error },
  };
}
