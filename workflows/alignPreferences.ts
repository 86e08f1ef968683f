import type { RecordedDecision } from '../config/decisions.js';
import type { Evaluation } from '../config/evaluation.js';
import type { DatasetRef, Split } from '../config/records.js';
import { AlignInput, type AlignResult } from '../config/steps.js';
import type { Checkpoint, TuningMethod } from '../config/training.js';
import { evaluations } from './evaluations.js';
import { fingerprint, methodOf, preferenceSpec, splitUri } from './plan.js';
import { keepAligned } from './policies/keepAligned.js';
import { bestPoint } from './policies/preferences/bestPoint.js';
import { forcedToAlign, lacksDpo, whenToAlign } from './policies/whenToAlign.js';
import { modelWork, vlm } from './proxies.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';
import { checkpointAt, failedTraining } from './run/trained.js';

/**
 * R3: where right answers are in reach and fine control is what lacks, DPO on pairs of the model's own answers; kept only
 * if it surely gains over supervised tuning. Never PPO.
 */
export async function alignPreferences(given: AlignInput): Promise<AlignResult> {
  const input = stepInput(AlignInput, given);
  const step = new Step('alignPreferences', input);
  const lacks = lacksDpo(step.recipe.trainer);
  if (lacks) return { decision: await step.decide('alignPreferences', ['R3'], lacks), model: input.model };
  const { before, samples } = await answersOfSupervised(step, input);
  const pairs = await pairsOf(step, input, samples);
  const { align } = step.recipe.settings;
  const unsound = input.chosen.evidence['inside'] === 0 ? 'no checkpoint kept general ability inside its budget' : null;
  const figures = { ...pairs, unsound, tries: align.samples, pairs: pairs.pairs + pairs.heldOut };
  const asked = whenToAlign(figures, align);
  const when = await step.decide(
    'alignPreferences/when',
    ['R3'],
    align.when === 'on' ? forcedToAlign(asked, figures) : asked,
  );
  if (when.verdict !== 'align') return { decision: when, model: input.model };
  const trained = pairs.pairs > 0 && pairs.heldOut > 0 ? await train(step, input, pairs) : noPairs;
  if ('why' in trained) return { decision: await keepSupervised(step, trained.why), model: input.model };
  const aligned = trained.uri;
  const after = await answersOfAligned(step, input, aligned);
  const compared = await vlm.compareAnswers({ beforeUri: before.answersUri, afterUri: after.answersUri });
  const decision = await step.decide('alignPreferences', ['R3'], keepAligned(compared, align));
  return { decision, model: decision.verdict === 'aligned' ? aligned : input.model };
}

/** Validation items at the wanted decoding, and items to make pairs of several times at a temperature. */
function answersOfSupervised(step: Step, { data, model, tuning }: AlignInput) {
  const { align, evaluation } = step.recipe.settings;
  return serving(step, { checkpoint: model, method: methodOf(step.recipe, tuning) }, async (ask) => {
    const before = await ask.business(data.business, 'validation', evaluation.testItems);
    const samples: Evaluation[] = [];
    for (let index = 1; index <= align.samples; index++)
      for (const { uri, limit } of sampledSets(step, data.business)) samples.push(await ask.sample(uri, limit, index));
    return { before, samples };
  });
}

/** Whose items are answered: those that no stage trained first. Recipes of before know no fresh ones. */
function sampledSets(step: Step, dataset: DatasetRef): { uri: string; limit: number }[] {
  const { items, fresh } = step.recipe.settings.align;
  const ofDev = fresh ? Math.min(items, dataset.bySplit.dev) : 0;
  const set = (split: Split, limit: number) => ({ uri: splitUri(dataset, split), limit });
  return [set('dev', ofDev), set('train', items - ofDev)].filter(({ limit }) => limit > 0);
}

function answersOfAligned(step: Step, { data, tuning }: AlignInput, model: string): Promise<Evaluation> {
  const { testItems } = step.recipe.settings.evaluation;
  const aligned = { checkpoint: model, method: methodOf(step.recipe, tuning) };
  return serving(step, aligned, (ask) => ask.business(data.business, 'validation', testItems));
}

/** Serves a checkpoint; an adapter is merged into its base first. Answers are kept by the checkpoint's name. */
async function serving<Result>(
  step: Step,
  { checkpoint, method }: { checkpoint: string; method: TuningMethod },
  use: (ask: ReturnType<typeof evaluations>) => Promise<Result>,
): Promise<Result> {
  const { recipe } = step;
  const name = `align-${fingerprint(checkpoint)}`;
  const into = `${recipe.runFolder}/align/${name}`;
  const model =
    method === 'lora'
      ? (await modelWork.exportModel({ model: recipe.model.uri, checkpoint, method, into })).uri
      : checkpoint;
  return step.serving(model, (endpoint) => use(evaluations(recipe, endpoint, name)));
}

function pairsOf(step: Step, { data, model }: AlignInput, samples: readonly Evaluation[]) {
  const { recipe } = step;
  const { pairsPerItem, lengthTolerance, heldOut, imagePairs } = recipe.settings.align;
  return vlm.buildPreferencePairs({
    answersUris: samples.map(({ answersUri }) => answersUri),
    setUri: splitUri(data.business, 'train'),
    ...(recipe.settings.align.fresh ? { freshUri: splitUri(data.business, 'dev') } : {}),
    own: recipe.preferences ?? null,
    model,
    pictures: { share: imagePairs, answer: recipe.task.answer },
    rules: { atMost: pairsPerItem, lengthTolerance, heldOut, seed: recipe.settings.seed },
    into: `${recipe.runFolder}/align/pairs-${fingerprint(model)}`,
  });
}

const noPairs = { why: 'There are no pairs to train on, or none to hold out.' };

/** Training on preferences that came to nothing leaves the supervised model as it is. */
function keepSupervised(step: Step, why: string): Promise<RecordedDecision> {
  const reason = `${why} The supervised model stays.`;
  return step.decide('alignPreferences', ['R3'], { verdict: 'supervised', reason, evidence: {} });
}

/** Trains on the pairs under the rules that stop such a training; the checkpoint with the best score, or why there is none. */
async function train(
  step: Step,
  input: AlignInput,
  pairs: { pairsUri: string; heldOutUri: string },
): Promise<Checkpoint | { why: string }> {
  const { recipe } = step;
  const { mix } = recipe.settings;
  const spec = preferenceSpec(recipe, input.data, { ...pairs, model: input.model, tuning: input.tuning });
  const trained = await step.train({ name: 'align', spec, watch: 'alignStop', takesPart: true }).catch(failedTraining);
  const failed = typeof trained === 'string' ? trained : trained.failed;
  if (typeof trained === 'string' || failed !== null) return { why: `Training on preferences did not work: ${failed}` };
  if (trained.outOfBudget) return { why: 'Training on preferences was ended at a cap of the budget.' };
  const limits = { genericBudget: mix.lossBudget, genericFloor: mix.lossFloor };
  const best = bestPoint(trained.points, limits);
  const chosen = best === null ? undefined : checkpointAt(trained, best);
  if (!chosen) return { why: 'No checkpoint of the training on preferences kept general ability inside its budget.' };
  await step.tellTraining({ ...trained.summary, chosenStep: chosen.step });
  return chosen;
}
