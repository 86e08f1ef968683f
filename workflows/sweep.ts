import type { Decision } from '../config/decisions.js';
import { type Datasets, SweepInput, type SweepResult, type SweepTrials, type TrainRunResult } from '../config/steps.js';
import { SweepSettings } from '../config/sweep.js';
import { scalesNoise, settlesRatesAtFullLength } from './changes.js';
import { failure } from './failures.js';
import { businessOnly, defaultTuning, trainingSpec } from './plan.js';
import { pickLearningRate } from './policies/pickLearningRate.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';
import { failedTraining } from './run/trained.js';
import { halve } from './sweeping/halving.js';
import { inLanes } from './sweeping/lanes.js';
import { trialsOf } from './sweeping/trials.js';

type Trial = Parameters<typeof pickLearningRate>[0][number];

/** R10: settle by validation curves of short trials: the learning rate alone, or by successive halving the rest as well. */
export async function sweep(given: SweepInput): Promise<SweepResult> {
  const input = stepInput(SweepInput, given);
  const step = new Step('sweep', input);
  // A recipe that an earlier version resolved lacks the settings made since; their defaults are what it did.
  const settings = SweepSettings.parse(step.recipe.settings.sweep);
  const trials =
    input.before?.trials ?? (await (settings.trials > 0 ? sweepAll : sweepRates)(step, input.data, settings));
  const decision = await step.decide('sweep', ['R8', 'R10'], trials.decision);
  return { decision, ...takenOf(trials, decision.verdict), trials };
}

/** A verdict is a rate, or the name of a trial. */
function takenOf({ chosen, tunings }: SweepTrials, verdict: string): Pick<SweepResult, 'learningRate' | 'tuning'> {
  const rate = Number(verdict);
  if (chosen === null) return { learningRate: rate };
  const tuning = Number.isFinite(rate) ? { ...chosen, learningRate: rate } : tunings[verdict];
  if (tuning === undefined) throw noTrial(verdict, Object.keys(tunings));
  return { learningRate: tuning.learningRate, tuning };
}

/** The rates first, then trials around the best one; of each rung the better third goes on from its checkpoints. */
async function sweepAll(step: Step, data: Datasets, settings: SweepSettings): Promise<SweepTrials> {
  const { recipe } = step;
  const plan = {
    settings,
    defaults: defaultTuning(recipe),
    seed: recipe.settings.seed,
    noiseScales: scalesNoise(),
    ratesAtFullLength: settlesRatesAtFullLength(),
  };
  const choice = await halve(plan, trialsOf(step, data));
  if (choice.chosen === null) throw noneWorked(recipe.runFolder, choice.reason);
  const chosen = choice.chosen.tuning;
  const tunings = Object.fromEntries(choice.table.map(({ trial, tuning }) => [trial, tuning]));
  return { decision: named(choice, chosen.learningRate), chosen, tunings };
}

/** The rates alone, all else by default; a best value at the edge extends the grid. */
async function sweepRates(step: Step, data: Datasets, settings: SweepSettings): Promise<SweepTrials> {
  const { minimumEffect, extendAtEdge, concurrency } = settings;
  const grid = [...settings.learningRates].sort((a, b) => a - b);
  const trials: Trial[] = [];
  let pending = grid;
  for (let extensions = 0; ; extensions += 1) {
    trials.push(...(await inLanes(pending, concurrency, (learningRate) => tryRate(step, data, learningRate))));
    const choice = pickLearningRate(trials, { grid, minimumEffect, extendAtEdge, extensions });
    if (choice.verdict === 'extend' && choice.learningRate !== null) {
      await step.decide(`sweep/extend-${extensions + 1}`, ['R10'], choice);
      pending = [choice.learningRate];
      grid.push(choice.learningRate);
      continue;
    }
    if (choice.learningRate === null) throw noneWorked(step.recipe.runFolder, choice.reason);
    return { decision: named(choice, choice.learningRate), chosen: null, tunings: {} };
  }
}

/** The decision by the rate that it chose. */
function named({ reason, evidence, settles }: Decision<string>, rate: number): Decision<string> {
  return { verdict: String(rate), reason, evidence, ...(settles === undefined ? {} : { settles }) };
}

async function tryRate(step: Step, data: Datasets, learningRate: number): Promise<Trial> {
  const { recipe } = step;
  const name = `sweep/${learningRate}`;
  const spec = trainingSpec({
    recipe,
    data,
    name,
    model: recipe.model.uri,
    learningRate,
    epochs: recipe.settings.sweep.epochs,
    mix: businessOnly,
    phrasing: 'fine',
    schedule: 'constant',
    evaluationsPerEpoch: 1,
  });
  const trained = await step.train({ name, spec, watch: 'healthOnly' }).catch(failedTraining);
  return trialOf(learningRate, typeof trained === 'string' ? { name, points: [], failed: trained } : trained);
}

function trialOf(
  learningRate: number,
  { name, points, failed }: Pick<TrainRunResult, 'name' | 'points' | 'failed'>,
): Trial {
  const last = points.at(-1);
  return {
    name,
    learningRate,
    loss: last?.losses['validation'] ?? null,
    standardError: last?.standardErrors['validation'] ?? null,
    exact: last?.exact['validation'] ?? null,
    genericLoss: last?.losses['generic'] ?? null,
    failed,
  };
}

function noTrial(verdict: string, trials: string[]) {
  return failure({
    type: 'InvalidInput',
    what: `The sweep has no trial "${verdict}".`,
    where: 'the overruling of the decision sweep',
    todo: `Start the run again and name one of ${trials.join(', ')}, or a learning rate; finished trainings are used again.`,
  });
}

function noneWorked(runFolder: string, reason: string) {
  return failure({
    type: 'TrainingFailed',
    what: `No trial of the sweep worked: ${reason}`,
    where: `${runFolder}/training/sweep/`,
    todo: 'Set recipe.sweep.learningRates to lower values.',
  });
}
