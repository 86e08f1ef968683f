import type { Decision, RecordedDecision } from '../config/decisions.js';
import type { Evaluation } from '../config/evaluation.js';
import type { Parity } from '../config/report.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import { evaluations } from './evaluations.js';
import { type Datasets, fingerprint, splitUri } from './plan.js';
import { type ParityLimits, parityGate } from './policies/parityGate.js';
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
  /** In the formats that test records were turned into; null where the task wishes none. */
  formats: Evaluation | null;
  parity: Parity;
  /** The whole model, ready to serve. */
  model: string;
}

/** Business and generic scores after tuning, through the endpoint that would serve it; trainer and server must agree. */
export async function evaluate(input: EvaluateInput): Promise<EvaluateResult> {
  const step = new Step('evaluate', input);
  const { settings, task, runFolder, model: base } = step.recipe;
  const { data } = input;
  const { uri: model } = await gpu.exportModel({
    model: base.uri,
    checkpoint: input.model,
    method: settings.training.method,
    into: `${runFolder}/model`,
  });
  const offlineUri = await answersOfTrainer(step.recipe, data, input.model);
  return step.serving(model, async (endpoint) => {
    // Answers are kept by this name; another checkpoint, after an overruling, is asked anew.
    const ask = evaluations(step.recipe, endpoint, `after-${fingerprint(input.model)}`);
    const business = await ask.business(data.business, 'test', settings.evaluation.testItems);
    const generic = data.generic ? await ask.generic(data.generic, settings.evaluation.genericItems) : null;
    const formats = data.business.formatsTest ? await ask.formats(data.business, settings.evaluation.testItems) : null;
    const answersUri = business.answersUri;
    const parity = await vlm.compareParity({ offlineUri, answersUri, answer: task.answer });
    const gate = await step.decide('evaluate/parity', ['R9'], parityGate(parity, parityLimits(step.recipe, data)));
    const scored = taskSolved({ business, generic }, { generic: input.genericBefore }, task.target, {
      genericKept: settings.evaluation.genericKept,
    });
    const decision = await step.decide(
      'evaluate',
      ['R1', 'R12', 'R16'],
      gate.verdict === 'differs' ? unlike(gate) : scored,
    );
    return { decision, business, generic, formats, parity, model };
  });
}

/** The same probes through the trainer's own code: the adapter on its base, or the whole checkpoint. */
async function answersOfTrainer(
  { settings, task, runFolder, model }: ResolvedRecipe,
  data: Datasets,
  checkpoint: string,
) {
  const isAdapter = settings.training.method === 'lora';
  const { answersUri } = await gpu.answerOffline({
    model: isAdapter ? model.uri : checkpoint,
    adapter: isAdapter ? checkpoint : null,
    setUri: splitUri(data.business, 'test'),
    limit: settings.evaluation.parityProbes,
    seed: settings.seed,
    prompt: task.prompt,
    maximumTokens: settings.prompt.decoding.maximumTokens,
    into: `${runFolder}/parity`,
  });
  return answersUri;
}

function parityLimits({ settings }: ResolvedRecipe, data: Datasets): ParityLimits {
  const { parityAgreement, parityProbes } = settings.evaluation;
  return { agreement: parityAgreement, exist: Math.min(parityProbes, data.business.bySplit.test ?? 0) };
}

/** No score counts of a model that is not served as it was trained. */
function unlike({ reason, evidence }: RecordedDecision): Decision<'notSolved'> {
  return { verdict: 'notSolved', reason: `The server does not answer as the trainer does: ${reason}`, evidence };
}
