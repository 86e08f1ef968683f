import type { RecordedDecision } from '../config/decisions.js';
import type { Evaluation } from '../config/evaluation.js';
import type { Parity } from '../config/report.js';
import { evaluations } from './evaluations.js';
import { type Datasets, splitUri } from './plan.js';
import { parityGate } from './policies/parityGate.js';
import { taskSolved } from './policies/taskSolved.js';
import { gpu, vlm } from './proxies.js';
import type { StepInput } from './run/decisions.js';
import { Step } from './run/step.js';

export interface EvaluateInput extends StepInput {
  data: Datasets;
  /** The chosen checkpoint; for LoRA an adapter over the base. */
  model: string;
  genericBefore: Evaluation | null;
}

export interface EvaluateResult {
  decision: RecordedDecision;
  business: Evaluation;
  generic: Evaluation | null;
  parity: Parity;
  /** The whole model, ready to serve. */
  model: string;
}

/** Business and generic scores after tuning, through the endpoint that would serve it; trainer and server must agree. */
export async function evaluate(input: EvaluateInput): Promise<EvaluateResult> {
  const step = new Step('evaluate', input);
  const { recipe } = step;
  const { settings, task } = recipe;
  const { data } = input;
  const model = await gpu.exportModel({
    model: recipe.model.uri,
    checkpoint: input.model,
    method: settings.training.method,
    into: `${recipe.runFolder}/model`,
  });
  const offline = await gpu.answerOffline({
    model: settings.training.method === 'lora' ? recipe.model.uri : input.model,
    adapter: settings.training.method === 'lora' ? input.model : null,
    setUri: splitUri(data.business, 'test'),
    limit: settings.evaluation.parityProbes,
    seed: settings.seed,
    prompt: task.prompt,
    maximumTokens: settings.prompt.decoding.maximumTokens,
    into: `${recipe.runFolder}/parity`,
  });
  return step.serving(model.uri, async (endpoint) => {
    const ask = evaluations(recipe, endpoint, 'after');
    const business = await ask.business(data.business, 'test', settings.evaluation.testItems);
    const generic = data.generic ? await ask.generic(data.generic, settings.evaluation.genericItems) : null;
    const compared = { offlineUri: offline.answersUri, answersUri: business.answersUri, answer: task.answer };
    const parity = await vlm.compareParity(compared);
    const gate = parityGate(parity, { agreement: settings.evaluation.parityAgreement });
    await step.decide('evaluate/parity', ['R9'], gate);
    const solved = taskSolved({ business, generic }, { generic: input.genericBefore }, task.target, {
      genericKept: settings.evaluation.genericKept,
    });
    const decision = await step.decide('evaluate', ['R1', 'R12', 'R16'], solved);
    return { decision, business, generic, parity, model: model.uri };
  });
}
