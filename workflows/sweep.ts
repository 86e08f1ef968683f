import type { RecordedDecision } from '../config/decisions.js';
import { failure } from './failures.js';
import { businessOnly, type Datasets, trainingSpec } from './plan.js';
import { pickLearningRate } from './policies/pickLearningRate.js';
import type { StepInput } from './run/decisions.js';
import { Step } from './run/step.js';
import type { TrainRunResult } from './trainRun.js';

export interface SweepResult {
  decision: RecordedDecision;
  learningRate: number;
}

type Trial = Parameters<typeof pickLearningRate>[0][number];

/** How often a best value at the grid's edge may extend the grid. */
const maximumExtensions = 2;

/** R10: settle the learning rate by validation curves of short trials; a best value at the edge extends the grid. */
export async function sweep(input: StepInput & { data: Datasets }): Promise<SweepResult> {
  const step = new Step('sweep', input);
  const { settings } = step.recipe;
  const { minimumEffect, extendAtEdge } = settings.sweep;
  const grid = [...settings.sweep.learningRates].sort((a, b) => a - b);
  const trials: Trial[] = [];
  let pending = grid;
  for (let extensions = 0; ; extensions += 1) {
    for (const learningRate of pending) trials.push(await tryRate(step, input.data, learningRate));
    const allowed = extendAtEdge && extensions < maximumExtensions;
    const choice = pickLearningRate(trials, { grid, minimumEffect, extendAtEdge: allowed, extensions });
    if (choice.verdict === 'extend' && choice.learningRate !== null) {
      await step.decide(`sweep/extend-${extensions + 1}`, ['R10'], choice);
      pending = [choice.learningRate];
      grid.push(choice.learningRate);
      continue;
    }
    if (choice.learningRate === null) throw noneWorked(step.recipe.runFolder, choice.reason);
    const named = { ...choice, verdict: String(choice.learningRate) };
    const decision = await step.decide('sweep', ['R8', 'R10'], named);
    return { decision, learningRate: Number(decision.verdict) };
  }
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
  return trialOf(learningRate, await step.train({ name, spec, watch: 'healthOnly' }));
}

function trialOf(learningRate: number, { name, points, failed }: TrainRunResult): Trial {
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

function noneWorked(runFolder: string, reason: string) {
  return failure({
    type: 'TrainingFailed',
    what: `No trial of the sweep worked: ${reason}`,
    where: `${runFolder}/training/sweep/`,
    todo: 'Set recipe.sweep.learningRates to lower values.',
  });
}
