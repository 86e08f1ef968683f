import type { RecordedDecision } from '../config/decisions.js';
import type { MixRatio } from '../config/settings.js';
import type { Tuning } from '../config/sweep.js';
import { businessOnly, type Datasets, mixText, trainingSpec } from './plan.js';
import { pickMix } from './policies/pickMix.js';
import type { StepInput } from './run/decisions.js';
import { Step } from './run/step.js';
import { requireCheckpoint } from './run/trained.js';
import type { TrainRunResult } from './trainRun.js';

export interface MixResult {
  decision: RecordedDecision;
  ratio: MixRatio;
  /** Where the stages go on from: the winner's last checkpoint. */
  model: string;
}

type Candidate = Parameters<typeof pickMix>[0][number];

export interface MixInput extends StepInput {
  data: Datasets;
  learningRate: number;
  /** What the sweep settled beside the rate. */
  tuning?: Tuning | undefined;
}

/** R12: mix in generic data, 10:1, then 5:1, then 1:1; the first inside the generic budget is taken. */
export async function mixGeneric(input: MixInput): Promise<MixResult> {
  const step = new Step('mixGeneric', input);
  const { mix } = step.recipe.settings;
  const wanted = ratioOf(step.overruled('mixGeneric'));
  const ratios = !input.data.generic ? [businessOnly] : wanted ? [wanted] : mix.ratios;
  const candidates: Candidate[] = [];
  const models: string[] = [];
  for (const [index, ratio] of ratios.entries()) {
    const trained = await tryRatio(step, input, ratio);
    const nothing = trained.outOfBudget && trained.checkpoints.length === 0;
    if (!nothing || candidates.length === 0) {
      models.push(requireCheckpoint(trained).uri);
      candidates.push(candidateOf(ratio, trained));
    }
    const more = index + 1 < ratios.length && !trained.outOfBudget;
    const choice = pickMix(candidates, { budget: mix.genericBudget, more });
    if (choice.verdict === 'tryNext') {
      await step.decide(`mixGeneric/${ratio.business}-${ratio.generic}`, ['R12'], choice);
      continue;
    }
    const chosen = ratios[choice.chosen ?? index] ?? ratio;
    const decision = await step.decide('mixGeneric', ['R6', 'R12'], { ...choice, verdict: mixText(chosen) });
    return { decision, ratio: chosen, model: models[choice.chosen ?? index] ?? '' };
  }
  throw new Error('unreachable: the last ratio always decides');
}

/** A person's ratio, as "1 business : 1 generic" or "1:1"; it is then the only one tried. */
function ratioOf(verdict: string | undefined): MixRatio | undefined {
  const [business, generic] = (verdict ?? '').split(':').map((side) => Number.parseFloat(side));
  if (!business || generic === undefined || Number.isNaN(generic)) return undefined;
  return { business, generic };
}

function tryRatio(step: Step, input: MixInput, ratio: MixRatio): Promise<TrainRunResult> {
  const { recipe } = step;
  const name = `mix/${ratio.business}-${ratio.generic}`;
  const spec = trainingSpec({
    recipe,
    data: input.data,
    name,
    model: recipe.model.uri,
    learningRate: input.learningRate,
    tuning: input.tuning,
    epochs: recipe.settings.mix.epochs,
    mix: ratio,
    phrasing: 'coarse',
    // Decayed to zero, so that what a ratio keeps is not hidden by the noise of a high rate.
    schedule: 'linear',
    evaluationsPerEpoch: recipe.settings.training.evaluationsPerEpoch,
  });
  return step.train({ name, spec, watch: 'overfitWatchdog', takesPart: true });
}

/** Teacher-forced scores of the generic set, at step 0 and at the end, and the rise of its loss between. */
function candidateOf(ratio: MixRatio, { points, stopped, answerTokens }: TrainRunResult): Candidate {
  const [first, last] = [points[0], points.at(-1)];
  const [before, after] = [first?.losses['generic'], last?.losses['generic']];
  return {
    ...ratio,
    genericExcess: typeof before === 'number' && typeof after === 'number' ? after - before : null,
    genericBefore: first?.exact['generic'] ?? null,
    genericAfter: last?.exact['generic'] ?? null,
    stopped: stopped !== null,
    answerTokens: answerTokens ?? null,
  };
}
