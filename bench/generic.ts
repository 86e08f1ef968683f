/** Forgetting: the stages of a finished run with much, little and no generic data, and as one stage (R12, R14). */
import path from 'node:path';
import { toUri } from '../activities/storage/files.js';
import type { Evaluation } from '../config/evaluation.js';
import { problem } from '../config/problems.js';
import type { Prompt } from '../config/resolved.js';
import type { MixRatio } from '../config/settings.js';
import { businessOnly, mixText } from '../workflows/plan.js';
import { type Arm, type ArmWish, epochsOf, type Stage, scaledTo, stagesOf, trainArm } from './lib/arms.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { type FinishedRun, finishedRun, readAnswers, splitOf } from './lib/finishedRun.js';
import { type Compared, compare, shareLeft } from './lib/pairs.js';
import { pointsText, shareText } from './lib/table.js';
import { type Workbench, workbenchHere } from './lib/workbench.js';

const about = `Trains the stages that led to a finished run's model again, on business data alone and with one generic record to ten and to
five business records: same rates, seeds, phrasings, and passes over the business data. One more arm has the richest mix and
all passes in one stage. Every model is served and asked the run's held-out business and generic items.

  RUN_FOLDER     the run; the newest one here that trained a model when left out
  --seeds N      so many seeds, from the run's own on (3)
  --epochs E     passes over the business data in all, to shorten it (as many as in the run)`;

const ten: MixRatio = { business: 10, generic: 1 };
const five: MixRatio = { business: 5, generic: 1 };
const without: Arm = { name: 'none', mix: businessOnly, single: false };
const arms: readonly Arm[] = [
  without,
  { name: '10-1', mix: ten, single: false },
  { name: '5-1', mix: five, single: false },
  { name: '5-1-single', mix: five, single: true },
];

/** What an arm's model answered. */
interface Asked {
  arm: Arm;
  seed: number;
  device: string | null;
  business: Evaluation;
  generic: Evaluation;
  /** Against the base model, by the run's own figures before tuning. */
  genericFromBase: Compared;
}

interface Answered extends Asked {
  /** Less the arm on business data alone, with the same seed. */
  gain: { business: Compared; generic: Compared };
}

await bench(
  {
    name: 'generic',
    about,
    options: { seeds: { type: 'string', default: '3' }, epochs: { type: 'string' } },
  },
  async ({ values, names, folder, interrupted }) => {
    const run = await finishedRun(names[0]);
    const whole = await stagesOf(run);
    const stages = values.epochs === undefined ? whole : scaledTo(whole, positive('--epochs', values.epochs));
    const workbench = await workbenchHere({ interrupted, tell });
    const answered: Answered[] = [];
    for (let index = 0; index < positive('--seeds', values.seeds); index += 1) {
      const seed = run.recipe.settings.seed + index;
      // Arms of another length are other arms.
      const at = path.join(folder, run.run, `${epochsOf(stages).toFixed(2)}-epochs`);
      answered.push(...(await measureSeed(workbench, run, { seed, stages, folder: at })));
    }
    return measured(run, answered, stages);
  },
);

async function measureSeed(
  workbench: Workbench,
  run: FinishedRun,
  wish: { seed: number; stages: Stage[]; folder: string },
): Promise<Answered[]> {
  const asked: Asked[] = [];
  for (const arm of arms) asked.push(await measureArm(workbench, run, { ...wish, arm, model: run.recipe.model.uri }));
  const least = asked.find(({ arm }) => arm === without) as Asked;
  const gain = async (own: Evaluation, other: Evaluation) =>
    compare(await readAnswers(other.answersUri), await readAnswers(own.answersUri));
  return Promise.all(
    asked.map(async (each) => ({
      ...each,
      gain: {
        business: await gain(each.business, least.business),
        generic: await gain(each.generic, least.generic),
      },
    })),
  );
}

async function measureArm(workbench: Workbench, run: FinishedRun, wish: ArmWish): Promise<Asked> {
  const { model, device } = await trainArm(workbench, wish);
  const { settings, task, generic: source } = run.recipe;
  const base = run.before.generic;
  if (run.generic === null || source === null || base === null) throw noGeneric(run);
  const { arm, seed } = wish;
  const at = path.join(wish.folder, `${arm.name}-${seed}`);
  const plain: Prompt = { system: null, template: '{question}' };
  const business = { setUri: splitOf(run.business, 'test'), prompt: task.prompt, answer: task.answer };
  const generic = { setUri: splitOf(run.generic, 'test'), prompt: plain, answer: source.answer };
  const { evaluation, prompt } = settings;
  return workbench.serving(model, path.join(at, 'serving'), async (endpoint) => {
    const { decoding, concurrency } = prompt;
    const common = { endpoint, seed: settings.seed, decoding, concurrency, into: toUri(path.join(at, 'evaluation')) };
    const labels = task.answer.kind === 'label' ? { labels: task.answer.labels } : {};
    const limits = { business: evaluation.testItems, generic: evaluation.genericItems };
    tell(`${arm.name}-${seed}: asking business and generic items`);
    const asked = {
      business: await workbench.evaluateOverEndpoint({
        ...common,
        ...business,
        ...labels,
        name: 'business',
        limit: limits.business,
      }),
      generic: await workbench.evaluateOverEndpoint({ ...common, ...generic, name: 'generic', limit: limits.generic }),
    };
    const before = await readAnswers(base.answersUri);
    const genericFromBase = compare(before, await readAnswers(asked.generic.answersUri));
    return { arm, seed, ...asked, device, genericFromBase };
  });
}

function measured(run: FinishedRun, answered: Answered[], stages: Stage[]): Measured {
  const { genericKept } = run.recipe.settings.evaluation;
  const mixed = answered.filter(({ arm }) => arm !== without);
  const kept = mixed.filter(({ genericFromBase }) => shareLeft(genericFromBase).mean >= genericKept);
  const more = mixed.filter(({ gain }) => gain.generic.lower > 0);
  return {
    columns: [
      'Machine',
      'Seed',
      'Trained on',
      'Business score',
      'Less business only, points',
      'Generic score',
      'Less business only, points',
      'General ability left',
    ],
    rows: answered.map(row),
    claim:
      `After ${epochsOf(stages).toFixed(1)} passes over the business data ${kept.length} of ${mixed.length} trainings with generic ` +
      `data keep at least ${100 * genericKept} % of general ability, and ${more.length} surely more than those without.`,
    holds: kept.length === mixed.length && more.length === mixed.length,
    facts: {
      run: run.run,
      epochs: epochsOf(stages),
      stages: stages.map(({ name, epochs }) => ({ name, epochs })),
      answered,
    },
  };
}

function row({ arm, seed, device, business, generic, genericFromBase, gain }: Answered): string[] {
  const alone = arm === without;
  return [
    machineText(device),
    `${seed}`,
    `${alone ? 'business only' : mixText(arm.mix)}${arm.single ? ', one stage' : ''}`,
    shareText(business.score),
    alone ? '' : pointsText(gain.business),
    shareText(generic.score),
    alone ? '' : pointsText(gain.generic),
    shareText(shareLeft(genericFromBase)),
  ];
}

function noGeneric(run: FinishedRun): Error {
  return problem('InvalidInput', {
    what: 'The run did not measure general ability.',
    where: run.folder,
    todo: 'Name a run of a task with generic data, such as examples/digits.',
  });
}
