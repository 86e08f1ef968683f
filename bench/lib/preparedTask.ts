/** A task resolved and its data built as a run does it, without the engine. */
import type { Datasets } from '../../config/steps.js';
import path from 'node:path';
import { createDatasetActivities } from '../../activities/data/index.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { createRecipeActivities } from '../../activities/recipe/resolve.js';
import { toUri } from '../../activities/storage/files.js';
import { modelInfo } from '../../activities/training/index.js';
import { trainerCapabilities } from '../../activities/training/models.js';
import type { DataSource, ResolvedRecipe } from '../../config/resolved.js';
import type { RecipeSettingsInput } from '../../config/settings.js';
import type { Workbench } from './workbench.js';

export interface PreparedTask {
  recipe: ResolvedRecipe;
  data: Datasets;
}

/** Resolves the task and builds its data under `folder`; its generic data only where it is asked for. */
export async function prepareTask(
  workbench: Workbench,
  task: string,
  folder: string,
  wish: { generic?: boolean; settings?: RecipeSettingsInput } = {},
): Promise<PreparedTask> {
  const activities = createRecipeActivities({
    root: folder,
    packageFolder,
    modelInfo: (model) => modelInfo(workbench.side, model),
    trainerCapabilities: () => trainerCapabilities(workbench.side),
    requireSpace: async () => undefined,
    searchAttributesRegistered: async () => false,
  });
  const recipe = await activities.resolveRecipe({
    input: { task: path.resolve(task), recipe: wish.settings ?? {} },
    run: 'bench',
  });
  const { business, generic, model, settings } = recipe;
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: () => undefined });
  const into = toUri(path.join(folder, 'datasets'));
  const build = (source: DataSource) =>
    buildDatasetFolder({ source, model, settings: settings.data, seed: settings.seed, into });
  const built = await build(business);
  return { recipe, data: { business: built, generic: generic && wish.generic ? await build(generic) : null } };
}
