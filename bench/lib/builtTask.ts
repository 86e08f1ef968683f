/** Builds the dataset of a task folder as a run does, without a trainer: what it can do plays no part in the data. */
import path from 'node:path';
import { createDatasetActivities } from '../../activities/data/index.js';
import { packageFolder } from '../../activities/recipe/packageFolder.js';
import { createRecipeActivities } from '../../activities/recipe/resolve.js';
import { toPath, toUri } from '../../activities/storage/files.js';
import type { DatasetRef } from '../../config/records.js';

/** Of the embedded model. */
const model = {
  digest: '0'.repeat(64),
  architecture: 'Qwen3VLForConditionalGeneration',
  patch: 16,
  merge: 2,
  minimumPixels: 128 * 128,
  maximumPixels: 128 * 128,
  contextTokens: 2048,
};

const trainer = {
  name: 'none',
  version: '0',
  methods: ['full' as const, 'lora' as const],
  packing: true,
  namedEvaluationSets: true,
  perItemLosses: true,
  layouts: { maximumTensor: 1, maximumPipeline: 1, maximumData: 1 },
  devices: ['cpu'],
};

/** Throws as the recipe and the build do. The dataset lies in the folder `datasets` of the task. */
export async function buildTask(folder: string): Promise<DatasetRef & { folder: string }> {
  const recipes = createRecipeActivities({
    root: folder,
    packageFolder,
    modelInfo: async () => model,
    trainerCapabilities: async () => trainer,
    requireSpace: async () => undefined,
    searchAttributesRegistered: async () => false,
  });
  const recipe = await recipes.resolveRecipe({ input: { task: folder, recipe: {} }, run: 'bench' });
  const { buildDatasetFolder } = createDatasetActivities({ heartbeat: () => undefined });
  const ref = await buildDatasetFolder({
    source: recipe.business,
    model: recipe.model,
    settings: recipe.settings.data,
    seed: recipe.settings.seed,
    into: toUri(path.join(folder, 'datasets')),
  });
  return { ...ref, folder: toPath(ref.uri) };
}
