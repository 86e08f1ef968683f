import type { RecordedDecision } from '../config/decisions.js';
import type { MixTrial } from '../config/report.js';
import type { MixRatio } from '../config/settings.js';
import type { Tuning } from '../config/sweep.js';
import type { TrainingSpec } from '../config/training.js';
import { measureAverages, writeAverage } from './averages.js';
import type { StagesWish } from './mixGeneric.js';
import { averageTrial, type MixTried, measuredTrial, trialOf } from './mixing/trials.js';
import { type Datasets, trainingSpec } from './plan.js';
import { chooseCheckpoint } from './policies/chooseCheckpoint.js';
import { withoutSet } from './policies/curve.js';
import { pickAverage } from './policies/pickAverage.js';
import type { StepInput } from './run/decisions.js';
import { Step } from './run/step.js';
import { checkpointAt, requireCheckpoint } from './run/trained.js';
import type { TrainRunResult } from './trainRun.js';

export interface StagedResult {
  decision: RecordedDecision;
  /** The chosen checkpoint of the last stage, or its average with the base. */
  model: string;
  /** What was averaged after the last stage. */
  mix?: MixTrial[];
}

export interface StagedInput extends StepInput, StagesWish {
  data: Datasets;
  learningRate: number;
  /** What the sweep settled beside the rate. */
  tuning?: Tuning | undefined;
  ratio: MixRatio;
  /** The checkpoint that the mix ended at: training goes on from there rather than twice. */
  from: string;
}

/** A stage with all that its averages are measured by. */
interface Stage extends StagedResult {
  spec: TrainingSpec;
  trained: TrainRunResult;
}

/**
 * R14 to R16: a coarse stage on all records, then a fine one on those of high quality with the question phrased
 * differently, under the watchdog. Where all are of one quality both stages use the same records. Where the mix was to be
 * averaged with the base, that is done with what the last stage ended at.
 */
export async function trainStaged(input: StagedInput): Promise<StagedResult> {
  const step = new Step('trainStaged', input);
  const { stages } = step.recipe.settings;
  const coarse = await stage(step, input, 'coarse', input.from, stages.coarseEpochs, input.learningRate);
  const fineRate = input.learningRate * stages.fineRateFactor;
  const fine = await stage(step, input, 'fine', coarse.model, stages.fineEpochs, fineRate);
  return input.averaged ? averagedWithBase(step, input, fine) : { decision: fine.decision, model: fine.model };
}

async function stage(
  step: Step,
  { data, ratio, tuning, genericUri, averaged }: StagedInput,
  name: 'coarse' | 'fine',
  model: string,
  epochs: number,
  learningRate: number,
): Promise<Stage> {
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
    genericUri,
    phrasing: name,
    fineRecords: name === 'fine',
    schedule: 'linear',
    evaluationsPerEpoch: training.evaluationsPerEpoch,
  });
  const trained = await step.train({ name, spec, watch: averaged ? 'validationWatchdog' : 'overfitWatchdog' });
  const last = requireCheckpoint(trained);
  const limits = { genericBudget: mix.lossBudget, genericFloor: mix.lossFloor };
  // What averaging is to bring back is no reason to keep an earlier checkpoint.
  const choice = chooseCheckpoint(averaged ? withoutSet(trained.points, 'generic') : trained.points, limits);
  const at = checkpointAt(trained, choice.step ?? last.step) ?? last;
  const decision = await step.decide(`${name}/checkpoint`, ['R14', 'R16'], { ...choice, verdict: `step ${at.step}` });
  const held = checkpointAt(trained, Number(decision.verdict.replace('step ', ''))) ?? at;
  await step.tellTraining({ ...trained.summary, chosenStep: held.step });
  return { decision, model: held.uri, spec, trained };
}

/** R12: the average that keeps both general ability and business best, measured anew on the last stage's weights. */
async function averagedWithBase(step: Step, { ratio }: StagedInput, fine: Stage): Promise<StagedResult> {
  const { recipe } = step;
  const { genericBudget: budget, businessMargin } = recipe.settings.mix;
  const scores = await measureAverages(recipe, { training: fine.spec, tuned: fine.model });
  const { learningRate } = fine.spec;
  const attempt = { name: 'fine', ratio, alternative: null, learningRate };
  const tuned = measuredTrial(
    { attempt, model: fine.model, genericUri: undefined, way: undefined },
    fine.trained,
    scores,
  );
  const between = scores.filter(({ share }) => share > 0 && share < 1);
  const tried: MixTried[] = [tuned, ...between.map((score) => averageTrial(tuned, score, scores))];
  const choice = pickAverage(tried, { budget, businessMargin });
  const decision = await step.decide('trainStaged/average', ['R12'], choice);
  const share = Number(decision.verdict.replace('share ', ''));
  const chosen = tried.find((each) => (each.share ?? 1) === share);
  const mix = tried.map((each) => trialOf(each, chosen, { budget, businessMargin }));
  const isAverage = share > 0 && share < 1;
  return { decision, model: isAverage ? await writeAverage(recipe, fine.model, share) : fine.model, mix };
}
