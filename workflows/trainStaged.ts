import type { RecordedDecision } from '../config/decisions.js';
import { type GenericBaseline, StagedInput, type StagedResult, type TrainRunResult } from '../config/steps.js';
import type { TrainingSpec } from '../config/training.js';
import { measureAverages, writeAverage } from './averages.js';
import { keepsLowestOfTies, leavesUselessOut, sharesGenericBudget } from './changes.js';
import { averageTrial, type MixTried, measuredTrial, trialOf } from './mixing/trials.js';
import { trainingSpec } from './plan.js';
import { chooseCheckpoint } from './policies/chooseCheckpoint.js';
import { genericBaselineAfter, withoutSet } from './policies/curve.js';
import { pickAverage } from './policies/pickAverage.js';
import { type PlannedStage, planStages } from './policies/stages.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';
import { checkpointAt, requireCheckpoint } from './run/trained.js';

/** A stage with all that its averages are measured by. */
interface Stage {
  name: string;
  decision: RecordedDecision;
  model: string;
  spec: TrainingSpec;
  trained: TrainRunResult;
}

/**
 * R14 to R16: a coarse stage on all records, those that the recipe puts between, and a fine one on records of high quality with
 * the question phrased differently, each from the best checkpoint of the one before and under the watchdog; together they spend
 * one generic budget. Where all are of one quality the coarse and the fine stage use the same records. Where the mix was to be
 * averaged with the base, that is done with what the last stage ended at.
 */
export async function trainStaged(given: StagedInput): Promise<StagedResult> {
  const input = stepInput(StagedInput, given);
  const step = new Step('trainStaged', input);
  const [first, ...rest] = planStages(step.recipe.settings.stages, input.learningRate) as [
    PlannedStage,
    ...PlannedStage[],
  ];
  let last = await stage(step, input, first, { model: input.from });
  let base: GenericBaseline | undefined;
  for (const next of rest) {
    if (last.trained.outOfBudget) break;
    base = !input.averaged && sharesGenericBudget() ? genericBaselineAfter(last.trained.points, base) : undefined;
    last = await stage(step, input, next, { model: last.model, genericBaseline: base });
  }
  return input.averaged ? averagedWithBase(step, input, last) : resultOf(last);
}

function resultOf({ decision, model, trained }: Stage): StagedResult {
  return { decision, model, ...(trained.outOfBudget ? { outOfBudget: true } : {}) };
}

async function stage(
  step: Step,
  { data, ratio, tuning, genericUri, averaged }: StagedInput,
  { name, epochs, learningRate, phrasing, records }: PlannedStage,
  { model, genericBaseline }: { model: string; genericBaseline?: GenericBaseline | undefined },
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
    phrasing,
    fineRecords: records === 'fine',
    leastQuality: typeof records === 'object' ? records.leastQuality : undefined,
    schedule: 'linear',
    evaluationsPerEpoch: training.evaluationsPerEpoch,
  });
  const watch = averaged ? 'validationWatchdog' : 'overfitWatchdog';
  const trained = await step.train({
    name,
    spec,
    watch,
    ...(genericBaseline ? { genericBaseline } : {}),
    takesPart: true,
  });
  if (trained.outOfBudget && trained.checkpoints.length === 0)
    return { name, decision: await untrained(step, name), model, spec, trained };
  const last = requireCheckpoint(trained);
  const limits = { genericBudget: mix.lossBudget, genericFloor: mix.lossFloor, genericBaseline };
  // What averaging is to bring back is no reason to keep an earlier checkpoint.
  const points = averaged ? withoutSet(trained.points, 'generic') : trained.points;
  const choice = chooseCheckpoint(points, limits, {
    ties: keepsLowestOfTies() ? 'lowest' : 'earliest',
    useless: leavesUselessOut() ? 'leftOut' : 'candidates',
  });
  const at = checkpointAt(trained, choice.step ?? last.step) ?? last;
  const decision = await step.decide(`${name}/checkpoint`, ['R14', 'R16'], { ...choice, verdict: `step ${at.step}` });
  const held = checkpointAt(trained, Number(decision.verdict.replace('step ', ''))) ?? at;
  await step.tellTraining({ ...trained.summary, chosenStep: held.step });
  return { name, decision, model: held.uri, spec, trained };
}

/** R12: the average that keeps both general ability and business best, measured anew on the last stage's weights. */
async function averagedWithBase(step: Step, { ratio }: StagedInput, last: Stage): Promise<StagedResult> {
  const { recipe } = step;
  const { genericBudget: budget, businessMargin } = recipe.settings.mix;
  const scores = await measureAverages(recipe, { training: last.spec, tuned: last.model });
  const { learningRate } = last.spec;
  const attempt = { name: last.name, ratio, alternative: null, learningRate };
  const tuned = measuredTrial(
    { attempt, model: last.model, genericUri: undefined, way: undefined },
    last.trained,
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
  const model = isAverage ? await writeAverage(recipe, last.model, share) : last.model;
  return { ...resultOf(last), decision, model, mix };
}

/** The model stays what it was before this stage. */
function untrained(step: Step, name: string): Promise<RecordedDecision> {
  const reason = 'All training was ended at a cap of the budget before this stage.';
  return step.decide(`${name}/checkpoint`, ['R14'], { verdict: 'untrained', reason, evidence: {} });
}
