import { MixInput, type MixResult, type StagesWish } from '../config/steps.js';
import type { TrainingSpec } from '../config/training.js';
import { measureAverages, sharesOf } from './averages.js';
import { type Attempt, attemptOf, attemptsOf, verdictOf, wayOf, wishOf } from './mixing/attempts.js';
import { averageTrial, type MixTried, trainedTrial, trialOf } from './mixing/trials.js';
import { businessOnly, defaultTuning, splitUri, trainingSpec } from './plan.js';
import { type MixBudgets, pickMix, standingOf } from './policies/pickMix.js';
import { modelWork } from './proxies.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';
import { requireCheckpoint } from './run/trained.js';

/**
 * R12: mix in generic data, 10:1, then 5:1, then 1:1; the first inside the generic budget is taken. What is cheaper comes
 * before the next ratio: averages of what was trained with its base, which train nothing, and the alternatives wished.
 */
export async function mixGeneric(given: MixInput): Promise<MixResult> {
  const input = stepInput(MixInput, given);
  const step = new Step('mixGeneric', input);
  const { mix } = step.recipe.settings;
  const limits = { budget: mix.genericBudget, businessMargin: mix.businessMargin };
  const { attempts, averaged } = planOf(step, input);
  const tried: MixTried[] = [];
  for (const [index, attempt] of attempts.entries()) {
    const trial = await tryOne(step, input, attempt, { first: tried[0], averages: averaged === null, limits });
    tried.push(...trial.tried);
    const more = index + 1 < attempts.length && !trial.outOfBudget;
    const choice = pickMix(tried, { ...limits, more });
    if (choice.verdict === 'tryNext') {
      await step.decide(attempt.name.replace(/^mix/, 'mixGeneric'), ['R12'], choice);
      continue;
    }
    const chosen = tried[choice.chosen ?? 0];
    if (!chosen) break;
    const average = averaged ?? chosen.score !== null;
    const verdict = verdictOf(chosen.attempt, average);
    const decision = await step.decide('mixGeneric', ['R6', 'R12'], { ...choice, verdict });
    const { ratio } = chosen.attempt;
    const stages = stagesOf(chosen, average);
    return { decision, ratio, model: chosen.model, stages, mix: tried.map((each) => trialOf(each, chosen, limits)) };
  }
  throw new Error('unreachable: the last attempt always decides');
}

/** A person's wish is the only thing tried, and whether it is averaged is theirs to say; null leaves it to the figures. */
function planOf(step: Step, { data, ...settled }: MixInput): { attempts: Attempt[]; averaged: boolean | null } {
  const { recipe } = step;
  const defaults = defaultTuning(recipe);
  if (!data.generic) return { attempts: [attemptOf(businessOnly, null, settled, defaults)], averaged: false };
  const wish = wishOf(step.overruled('mixGeneric'));
  if (!wish) return { attempts: attemptsOf(recipe.settings.mix, settled, defaults), averaged: null };
  const canAverage = sharesOf(recipe).length > 0;
  const attempts = [attemptOf(wish.ratio, wish.alternative, settled, defaults)];
  return { attempts, averaged: wish.averaged && canAverage };
}

interface Trying {
  /** The first ratio, whose business score alternatives must keep. */
  first: MixTried | undefined;
  /** Whether its averages with the base are measured where it is outside of the budget. */
  averages: boolean;
  limits: MixBudgets;
}

/** Trains one attempt, and measures its averages with the base where it lost too much of the generic score. */
async function tryOne(
  step: Step,
  input: MixInput,
  attempt: Attempt,
  { first, averages, limits }: Trying,
): Promise<{ tried: MixTried[]; outOfBudget: boolean }> {
  const genericUri = attempt.alternative === 'ownAnswers' ? await ownAnswers(step, input, attempt) : undefined;
  const spec = specOf(step, input, attempt, genericUri);
  const result = await step.train({ name: attempt.name, spec, watch: 'overfitWatchdog', takesPart: true });
  const outOfBudget = result.outOfBudget === true;
  if (outOfBudget && result.checkpoints.length === 0 && first) return { tried: [], outOfBudget };
  const model = requireCheckpoint(result).uri;
  const against = attempt.alternative === null ? null : (first?.businessScore ?? null);
  const trained = trainedTrial({ attempt, model, genericUri, way: wayOf(attempt) }, result, against);
  const cures = averages && standingOf(trained, limits) === 'outsideBudget' && sharesOf(step.recipe).length > 0;
  if (!cures) return { tried: [trained], outOfBudget };
  const scores = await measureAverages(step.recipe, { training: spec, tuned: model });
  const between = scores.filter(({ share }) => share > 0 && share < 1);
  const cured = between.map((score) => averageTrial(trained, score, scores));
  return { tried: [trained, ...cured], outOfBudget };
}

function specOf(step: Step, input: MixInput, attempt: Attempt, genericUri: string | undefined): TrainingSpec {
  const { recipe } = step;
  return trainingSpec({
    recipe,
    data: input.data,
    name: attempt.name,
    model: recipe.model.uri,
    learningRate: attempt.learningRate,
    tuning: attempt.tuning,
    epochs: recipe.settings.mix.epochs,
    mix: attempt.ratio,
    genericUri,
    phrasing: 'coarse',
    // Decayed to zero, so that what a ratio keeps is not hidden by the noise of a high rate.
    schedule: 'linear',
    evaluationsPerEpoch: recipe.settings.training.evaluationsPerEpoch,
  });
}

/** The base's own answers to as many generic questions as the training will use (methods M8). */
async function ownAnswers(step: Step, { data }: MixInput, { ratio }: Attempt): Promise<string> {
  const { recipe } = step;
  const { settings, runFolder } = recipe;
  const anEpoch = ((data.business.bySplit.train ?? 0) * ratio.generic) / ratio.business;
  const { uri } = await modelWork.answerAsBase({
    model: recipe.model.uri,
    setUri: data.generic ? splitUri(data.generic, 'train') : '',
    limit: Math.max(1, Math.ceil(anEpoch * settings.mix.epochs)),
    seed: settings.seed,
    maximumTokens: settings.prompt.decoding.maximumTokens,
    into: `${runFolder}/own-answers`,
  });
  return uri;
}

/** What is as the sweep settled it is left out: the stages have it already. */
function stagesOf({ attempt, genericUri }: MixTried, averaged: boolean): StagesWish {
  const { alternative, learningRate, tuning } = attempt;
  return {
    ...(alternative === 'lowerRate' ? { learningRate } : {}),
    ...(alternative === 'lowRank' ? { tuning } : {}),
    ...(genericUri ? { genericUri } : {}),
    ...(averaged ? { averaged } : {}),
  };
}
