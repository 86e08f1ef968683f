import type { Decision, RecordedDecision } from '../config/decisions.js';
import type { Blind } from '../config/report.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import { type Datasets, EvaluateInput, type EvaluateResult } from '../config/steps.js';
import type { TuningMethod } from '../config/training.js';
import { asksMergedModel, wantsParityTold } from './changes.js';
import { evaluations } from './evaluations.js';
import { fingerprint, methodOf, splitUri } from './plan.js';
import { blindGate } from './policies/blindGate.js';
import { type ParityLimits, parityGate } from './policies/parityGate.js';
import { taskSolved } from './policies/taskSolved.js';
import { modelWork, vlm } from './proxies.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';

interface Trained {
  model: string;
  adapter: string | null;
}

/** Business and generic scores after tuning, through the endpoint that would serve it; trainer and server must agree. */
export async function evaluate(given: EvaluateInput): Promise<EvaluateResult> {
  const input = stepInput(EvaluateInput, given);
  const step = new Step('evaluate', input);
  const { settings, task, runFolder, model: base } = step.recipe;
  const { data } = input;
  const method = methodOf(step.recipe, input.tuning);
  const { uri: model } = await modelWork.exportModel({
    model: base.uri,
    checkpoint: input.model,
    method,
    into: `${runFolder}/model`,
  });
  const offlineUri = await answersOfTrainer(step.recipe, data, trainedModel(base.uri, input.model, method), 'parity');
  // The merged model lies at the same place after an overruling, so that its answers are named by its checkpoint.
  const mergedUri =
    method === 'lora' && asksMergedModel()
      ? await answersOfTrainer(step.recipe, data, { model, adapter: null }, `parity/merged-${fingerprint(input.model)}`)
      : null;
  return step.serving(model, async (endpoint) => {
    // Answers are kept by this name; another checkpoint, after an overruling, is asked anew.
    const ask = evaluations(step.recipe, endpoint, `after-${fingerprint(input.model)}`);
    const business = await ask.business(data.business, 'test', settings.evaluation.testItems);
    const generic = data.generic ? await ask.generic(data.generic, settings.evaluation.genericItems) : null;
    const formats = data.business.formatsTest ? await ask.formats(data.business, settings.evaluation.testItems) : null;
    const blind = await askBlind(step, data, ask);
    if (blind) await step.decide('evaluate/blind', ['R9'], blindGate(business, blind));
    const answersUri = business.answersUri;
    const parity = await vlm.compareParity({ offlineUri, mergedUri, answersUri, answer: task.answer });
    const gate = await step.decide('evaluate/parity', ['R9'], parityGate(parity, parityLimits(step.recipe, data)));
    const scored = taskSolved({ business, generic }, { generic: input.genericBefore }, task.target, {
      genericKept: settings.evaluation.genericKept,
    });
    const decision = await step.decide(
      'evaluate',
      ['R1', 'R12', 'R16'],
      gate.verdict === 'equal' || (gate.verdict === 'cannotTell' && !wantsParityTold()) ? scored : unlike(gate),
    );
    return { decision, business, generic, formats, blind, parity, model };
  });
}

/** Settings that an older run recorded ask for none. */
async function askBlind(
  { recipe }: Step,
  { business }: Datasets,
  ask: ReturnType<typeof evaluations>,
): Promise<Blind | null> {
  const items = recipe.settings.evaluation.blindItems;
  if (!(items > 0)) return null;
  return { swapped: await ask.blind(business, 'swapped', items), blank: await ask.blind(business, 'blank', items) };
}

/** What was trained, before any merge: the adapter on its base, or the whole checkpoint. */
function trainedModel(base: string, checkpoint: string, method: TuningMethod): Trained {
  return method === 'lora' ? { model: base, adapter: checkpoint } : { model: checkpoint, adapter: null };
}

/** The same probes through the trainer's own code. */
async function answersOfTrainer(
  { settings, task, runFolder }: ResolvedRecipe,
  data: Datasets,
  asked: Trained,
  folder: string,
) {
  const { answersUri } = await modelWork.answerOffline({
    ...asked,
    setUri: splitUri(data.business, 'test'),
    limit: settings.evaluation.parityProbes,
    seed: settings.seed,
    prompt: task.prompt,
    maximumTokens: settings.prompt.decoding.maximumTokens,
    into: `${runFolder}/${folder}`,
  });
  return answersUri;
}

/** Share of the probes that must have been answered: a few may be left out by faults of transport. */
const answeredShare = 0.95;

function parityLimits({ settings }: ResolvedRecipe, data: Datasets): ParityLimits {
  const { parityAgreement, parityProbes, testItems } = settings.evaluation;
  const asked = Math.min(parityProbes, testItems, data.business.bySplit.test ?? 0);
  return { agreement: parityAgreement, exist: Math.floor(answeredShare * asked) };
}

/** No score counts of a model that is not served as it was trained, or of which that can't be told. */
function unlike({ verdict, reason, evidence }: RecordedDecision): Decision<'notSolved'> {
  const what =
    verdict === 'differs'
      ? 'The model that is served does not answer as the trained one does'
      : 'It can’t be told whether the model that is served answers as the trained one does';
  return { verdict: 'notSolved', reason: `${what}: ${reason}`, evidence };
}
