/** Trials of learning rates as the step `sweep` makes them: its plan, the real trainer, its policy. */
import path from 'node:path';
import { createDatasetActivities } from '../../activities/data/index.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { createRecipeActivities } from '../../activities/recipe/resolve.js';
import { toUri } from '../../activities/storage/files.js';
import { modelInfo } from '../../activities/training/index.js';
import { trainerCapabilities } from '../../activities/training/models.js';
import type { ResolvedRecipe } from '../../config/resolved.js';
import type { RecipeSettingsInput } from '../../config/settings.js';
import type { TrainingSpec } from '../../config/training.js';
import { businessOnly, type Datasets, trainingSpec } from '../../workflows/plan.js';
import { pickLearningRate } from '../../workflows/policies/pickLearningRate.js';
import type { Workbench } from './workbench.js';

export type Trial = Parameters<typeof pickLearningRate>[0][number];

/** A sweep whose best rate is known before it is made. */
export const plantedSweep = {
  /** In rising order; the planted one lies off the centre and not at an edge. */
  rates: [1e-5, 1e-4, 1e-3, 3e-3, 3e-2],
  planted: 3e-3,
  defaults: { [1e-5]: 'default of R8', [1e-3]: 'default of the preset' } as Record<number, string>,
  /** Passes over the business data of each trial. */
  epochs: 2,
};

export interface SweptTask {
  recipe: ResolvedRecipe;
  data: Datasets;
}

/** Resolves the task and builds its business data under `folder`, as a run does. */
export async function prepareTask(
  workbench: Workbench,
  task: string,
  folder: string,
  settings: RecipeSettingsInput = {},
): Promise<SweptTask> {
  const activities = createRecipeActivities({
    root: folder,
    packageFolder,
    modelInfo: (model) => modelInfo(workbench.side, model),
    trainerCapabilities: () => trainerCapabilities(workbench.side),
    requireSpace: async () => undefined,
    searchAttributesRegistered: async () => false,
  });
  const recipe = await activities.resolveRecipe({ input: { task: path.resolve(task), recipe: settings }, run: 'sweep' });
  const { business: source, model, settings } = recipe;
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: () => undefined });
  const into = toUri(path.join(folder, 'datasets'));
  const business = await buildDatasetFolder({ source, model, settings: settings.data, seed: settings.seed, into });
  return { recipe, data: { business, generic: null } };
}

export async function tryRate(
  workbench: Workbench,
  { recipe, data }: SweptTask,
  wish: { learningRate: number; epochs: number; folder: string },
): Promise<{ trial: Trial; device: string | null }> {
  const name = `sweep/${wish.learningRate}`;
  const spec: TrainingSpec = trainingSpec({
    recipe,
    data,
    name,
    model: recipe.model.uri,
    learningRate: wish.learningRate,
    epochs: wish.epochs,
    mix: businessOnly,
    phrasing: 'fine',
    schedule: 'constant',
    evaluationsPerEpoch: 1,
  });
  const { points, failed, device } = await workbench.train(spec, path.join(wish.folder, 'trainings', spec.key));
  const last = points.at(-1);
  const trial = {
    name,
    learningRate: wish.learningRate,
    loss: last?.losses['validation'] ?? null,
    standardError: last?.standardErrors['validation'] ?? null,
    exact: last?.exact['validation'] ?? null,
    genericLoss: null,
    failed,
  };
  return { trial, device };
}

/** What the recipe would choose of these trials. */
export function choiceOf(trials: readonly Trial[], { recipe }: SweptTask) {
  const { minimumEffect, extendAtEdge } = recipe.settings.sweep;
  const grid = trials.map(({ learningRate }) => learningRate);
  return pickLearningRate(trials, { grid, minimumEffect, extendAtEdge, extensions: 0 });
}
