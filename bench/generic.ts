/** Forgetting: the stages of a finished run with generic data, and the same ones without, beside each other (R12). */
import path from 'node:path';
import { toUri } from '../activities/storage/files.js';
import type { Evaluation } from '../config/evaluation.js';
import { problem } from '../config/problems.js';
import type { Prompt } from '../config/resolved.js';
import { type ArmWish, type Stage, scaledTo, stagesOf, trainArm } from './lib/arms.js';
import { bench, type Measured, machineText, positive, tell } from './lib/bench.js';
import { type FinishedRun, finishedRun, readAnswers, splitOf } from './lib/finishedRun.js';
import { type Compared, compare, shareLeft } from './lib/pairs.js';
import { pointsText, shareText } from './lib/table.js';
import { type Workbench, workbenchHere } from './lib/workbench.js';

const about = `Trains the stages that led to a finished run's model again, with its generic data and without: same rates, seeds,
phrasings, and passes over the business data. Both models are served and asked the run's held-out business and generic items.

  RUN_FOLDER     the run; the newest one here that trained a model when left out
  --seeds N      so many seeds, from the run's own on (1)
  --epochs E     passes over the business data in all, to shorten it (as many as in the run)`;

interface Arm {
  device: string | null;
  business: Evaluation;
  generic: Evaluation;
  /** Against the base model, by the run's own figures before tuning. */
  genericFromBase: Compared;
}

interface Seed {
  seed: number;
  with: Arm;
  without: Arm;
  /** Generic score with generic data less the one without. */
  gain: Compared;
  businessGain: Compared;
}

await bench(
  {
    name: 'generic',
    about,
    options: { seeds: { type: 'string', default: '1' }, epochs: { type: 'string' } },
  },
  async ({ values, names, folder, interrupted }) => {
    const run = await finishedRun(names[0]);
    const whole = await stagesOf(run);
    const stages = values.epochs === undefined ? whole : scaledTo(whole, positive('--epochs', values.epochs));
    const workbench = await workbenchHere({ interrupted, tell });
    const seeds: Seed[] = [];
    for (let index = 0; index < positive('--seeds', values.seeds); index += 1) {
      const seed = run.recipe.settings.seed + index;
      seeds.push(await measureSeed(workbench, run, { seed, stages, folder: path.join(folder, run.run) }));
    }
    return measured(run, seeds, stages);
  },
);

async function measureSeed(
  workbench: Workbench,
  run: FinishedRun,
  wish: { seed: number; stages: Stage[]; folder: string },
): Promise<Seed> {
  const arm = (name: ArmWish['arm']) =>
    measureArm(workbench, run, { ...wish, arm: name, model: run.recipe.model.uri, folder: armsFolder(wish) });
  const [kept, lost] = [await arm('with'), await arm('without')];
  const answers = async ({ answersUri }: Evaluation) => readAnswers(answersUri);
  return {
    seed: wish.seed,
    with: kept,
    without: lost,
    gain: compare(await answers(lost.generic), await answers(kept.generic)),
    businessGain: compare(await answers(lost.business), await answers(kept.business)),
  };
}

/** Arms of another length are other arms. */
function armsFolder({ stages, folder }: { stages: Stage[]; folder: string }): string {
  return path.join(folder, `${epochsOf(stages).toFixed(2)}-epochs`);
}

async function measureArm(workbench: Workbench, run: FinishedRun, wish: ArmWish): Promise<Arm> {
  const { model, device } = await trainArm(workbench, wish);
  const { settings, task, generic: source } = run.recipe;
  const base = run.before.generic;
  if (run.generic === null || source === null || base === null) throw noGeneric(run);
  const at = path.join(wish.folder, `${wish.arm}-${wish.seed}`);
  const plain: Prompt = { system: null, template: '{question}' };
  const business = { setUri: splitOf(run.business, 'test'), prompt: task.prompt, answer: task.answer };
  const generic = { setUri: splitOf(run.generic, 'test'), prompt: plain, answer: source.answer };
  const { evaluation, prompt, seed } = settings;
  return workbench.serving(model, path.join(at, 'serving'), async (endpoint) => {
    const { decoding, concurrency } = prompt;
    const common = { endpoint, seed, decoding, concurrency, into: toUri(path.join(at, 'evaluation')) };
    const labels = task.answer.kind === 'label' ? { labels: task.answer.labels } : {};
    const limits = { business: evaluation.testItems, generic: evaluation.genericItems };
    tell(`${wish.arm}-${wish.seed}: asking business and generic items`);
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
    return { ...asked, device, genericFromBase: compare(before, await readAnswers(asked.generic.answersUri)) };
  });
}

function measured(run: FinishedRun, seeds: Seed[], stages: Stage[]): Measured {
  const { genericKept } = run.recipe.settings.evaluation;
  const ratio = run.decisions.find(({ id }) => id === 'mixGeneric')?.verdict ?? '';
  const epochs = epochsOf(stages);
  const rows = seeds.flatMap((each) => [
    row(each, 'with', ratio),
    row(each, 'without', 'business only'),
    [
      '',
      `${each.seed}`,
      'with less without',
      `${pointsText(each.businessGain)} points`,
      `${pointsText(each.gain)} points`,
      '',
    ],
  ]);
  const holds = seeds.every(
    ({ with: kept, gain }) => shareLeft(kept.genericFromBase).mean >= genericKept && gain.lower > 0,
  );
  const least = Math.min(...seeds.map(({ gain }) => gain.lower));
  return {
    columns: ['Machine', 'Seed', 'Trained on', 'Business score', 'Generic score', 'General ability left'],
    rows,
    claim:
      `After ${epochs.toFixed(1)} passes over the business data the arm with generic data keeps at least ` +
      `${100 * genericKept} % of general ability, and the one without loses more: by ${(100 * least).toFixed(1)} points at least.`,
    holds,
    facts: { run: run.run, epochs, stages: stages.map(({ name, epochs: own }) => ({ name, epochs: own })), seeds },
  };
}

function row(each: Seed, arm: ArmWish['arm'], trainedOn: string): string[] {
  const { business, generic, genericFromBase, device } = each[arm];
  const left = shareText(shareLeft(genericFromBase));
  return [machineText(device), `${each.seed}`, trainedOn, shareText(business.score), shareText(generic.score), left];
}

function epochsOf(stages: readonly Stage[]): number {
  return stages.reduce((sum, { epochs }) => sum + epochs, 0);
}

function noGeneric(run: FinishedRun): Error {
  return problem('InvalidInput', {
    what: 'The run did not measure general ability.',
    where: run.folder,
    todo: 'Name a run of a task with generic data, such as examples/digits.',
  });
}
