import type { Endpoint } from '../config/serving.js';
import { DataStepInput, type Datasets, type PromptResult } from '../config/steps.js';
import { evaluations } from './evaluations.js';
import { promptEnough } from './policies/promptEnough.js';
import { promptFailure } from './policies/promptFailure.js';
import { volumeAdvice } from './policies/volumeAdvice.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';

/** R1, R2: measure the prompt on held-out business data; train only if it falls short, and say how it does. */
export async function promptFirst(given: DataStepInput): Promise<PromptResult> {
  const input = stepInput(DataStepInput, given);
  const step = new Step('promptFirst', input);
  const { recipe } = step;
  if (recipe.endpoint) return measure(step, recipe.endpoint, input.data);
  return step.serving(recipe.model.uri, (endpoint) => measure(step, endpoint, input.data));
}

async function measure(step: Step, endpoint: Endpoint, data: Datasets): Promise<PromptResult> {
  const { recipe } = step;
  const ask = evaluations(recipe, endpoint, 'before');
  await ask.probe();
  const business = await ask.business(data.business, 'test', recipe.settings.prompt.maximumItems);
  const decision = await step.decide('promptFirst', ['R1'], promptEnough(business, recipe.task.target));
  if (decision.verdict === 'promptEnough') return { decision, business, generic: null };
  const failure = promptFailure(business, recipe.task.target);
  await step.decide('promptFirst/failure', ['R2'], failure);
  const train = data.business.bySplit.train ?? 0;
  const slices = Object.entries(business.bySlice).map(([name, score]) => ({ name, score, train: null }));
  const figures = { failure: failure.verdict, train, target: recipe.task.target.score, score: business.score, slices };
  await step.decide('promptFirst/volume', ['R6'], volumeAdvice(figures));
  const generic = data.generic ? await ask.generic(data.generic, recipe.settings.evaluation.genericItems) : null;
  return { decision, business, generic };
}
