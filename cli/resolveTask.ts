/** A task's recipe as a run would resolve it, without an engine. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { packageFolder } from '../activities/recipe/packageFolder.js';
import { createRecipeActivities } from '../activities/recipe/resolve.js';
import { modelInfo, trainerCapabilities } from '../activities/training/models.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import { findTask } from './runs.js';
import { setUp } from './setup/index.js';
import type { Shell } from './shell.js';

/** Installs what is missing, as it looks at the model. Throws the same problems as the run's first activity. */
export async function resolveTask(
  shell: Shell,
  task: string,
  overrides: Record<string, unknown>,
): Promise<ResolvedRecipe> {
  const { file } = await findTask(task, shell.root);
  const { python } = await setUp(shell.talk);
  return resolve(file, overrides, python);
}

/** In a folder of its own, which is removed: resolving writes the run's folder. */
async function resolve(file: string, overrides: Record<string, unknown>, python: string): Promise<ResolvedRecipe> {
  const side = { python, trainerFolder: path.join(packageFolder, 'trainer') };
  const root = await mkdtemp(path.join(os.tmpdir(), 'anneal-plan-'));
  try {
    const { resolveRecipe } = createRecipeActivities({
      root,
      packageFolder,
      modelInfo: (folder) => modelInfo(side, folder),
      trainerCapabilities: () => trainerCapabilities(side),
      requireSpace: async () => undefined,
      searchAttributesRegistered: async () => true,
    });
    return await resolveRecipe({ input: { task: file, recipe: overrides }, run: 'plan' });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
