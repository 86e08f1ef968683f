import type { RecordedDecision } from '../config/decisions.js';
import type { MixRatio } from '../config/settings.js';
import type { Tuning } from '../config/sweep.js';
import { type Datasets, trainingSpec } from './plan.js';
import { chooseCheckpoint } from './policies/chooseCheckpoint.js';
import type { StepInput } from './run/decisions.js';
import { Step } from './run/step.js';
import { checkpointAt, requireCheckpoint } from './run/trained.js';

export interface StagedResult {
  decision: RecordedDecision;
  /** The chosen checkpoint of the last stage. */
  model: string;
  /** Set where all training was ended: the model is as far as it came. */
  outOfBudget?: true;
}

export interface StagedInput extends StepInput {
  data: Datasets;
  learningRate: number;
  /** What the sweep settled beside the rate. */
  tuning?: Tuning | undefined;
  ratio: MixRatio;
  /** The checkpoint that the mix ended at: training goes on from there rather than twice. */
  from: string;
}

/**
 * R14 to R16: a coarse stage on all records, then a fine one on those of high quality with the question phrased
 * differently, under the watchdog. Where all are of one quality both stages use the same records.
 */
export async function trainStaged(input: StagedInput): Promise<StagedResult> {
  const step = new Step('trainStaged', input);
  const { stages } = step.recipe.settings;
  const coarse = await stage(step, input, 'coarse', input.from, stages.coarseEpochs, input.learningRate);
  if (coarse.outOfBudget) return coarse;
  const fineRate = input.learningRate * stages.fineRateFactor;
  return stage(step, input, 'fine', coarse.model, stages.fineEpochs, fineRate);
}

async function stage(
  step: Step,
  { data, ratio, tuning }: StagedInput,
  name: 'coarse' | 'fine',
  model: string,
  epochs: number,
  learningRate: number,
): Promise<StagedResult> {
  const { recipe } = step;
  const { mix, training } = recipe.settings;
  const spec = trainingSpec({
    recipe,
    data,
    name,
    model,
    learningRate,
    tuning,
    epochs,
    mix: ratio,
    phrasing: name,
    fineRecords: name === 'fine',
    schedule: 'linear',
    evaluationsPerEpoch: training.evaluationsPerEpoch,
  });
  const trained = await step.train({ name, spec, watch: 'overfitWatchdog', takesPart: true });
  if (trained.outOfBudget && trained.checkpoints.length === 0) return untrained(step, name, model);
  const last = requireCheckpoint(trained);
  const limits = { genericBudget: mix.lossBudget, genericFloor: mix.lossFloor };
  const choice = chooseCheckpoint(trained.points, limits);
  const at = checkpointAt(trained, choice.step ?? last.step) ?? last;
  const decision = await step.decide(`${name}/checkpoint`, ['R14', 'R16'], { ...choice, verdict: `step ${at.step}` });
  const held = checkpointAt(trained, Number(decision.verdict.replace('step ', ''))) ?? at;
  await step.tellTraining({ ...trained.summary, chosenStep: held.step });
  return { decision, model: held.uri, ...(trained.outOfBudget ? { outOfBudget: true } : {}) };
}

/** The model stays what it was before this stage. */
async function untrained(step: Step, name: string, model: string): Promise<StagedResult> {
  const reason = 'All training was ended at a cap of the budget before this stage.';
  const decision = await step.decide(`${name}/checkpoint`, ['R14'], { verdict: 'untrained', reason, evidence: {} });
  return { decision, model, outOfBudget: true };
}
