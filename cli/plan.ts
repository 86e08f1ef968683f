/** The dry run: resolves a task as a run would, counts its rows, and starts nothing. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openRows, withFiles } from '../activities/data/read/rows.js';
import { createRecipeActivities } from '../activities/recipe/resolve.js';
import { modelInfo, trainerCapabilities } from '../activities/training/models.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import { type Estimate, estimate } from './estimate.js';
import { packageFolder } from './paths.js';
import { findTask } from './runs.js';
import { setUp } from './setup/index.js';
import type { Shell } from './shell.js';

export interface Plan {
  recipe: ResolvedRecipe;
  estimate: Estimate;
}

/** Throws the same problems as the run's first activity would: bad input is found here, before anything is started. */
export async function makePlan(shell: Shell, task: string, overrides: Record<string, unknown>): Promise<Plan> {
  const { file } = await findTask(task, shell.root);
  const { python } = await setUp(shell.talk);
  const recipe = await resolve(file, overrides, python);
  return { recipe, estimate: estimate(recipe, await countRows(recipe)) };
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

/** Rows as they are read, before any check: the run may merge or reject some. */
async function countRows({ business }: ResolvedRecipe): Promise<number> {
  let count = 0;
  const source = await withFiles(business);
  for (const file of source.files) {
    const { rows } = await openRows(source, file);
    for await (const _ of rows) count += 1;
  }
  return count;
}
