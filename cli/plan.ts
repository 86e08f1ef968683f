/** The dry run: resolves a task as a run would, counts its rows, and starts nothing. */
import { openRows, withFiles } from '../activities/data/read/rows.js';
import type { Estimate } from '../config/budget.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import { estimate, sharesOf } from '../workflows/policies/budget/estimate.js';
import { resolveTask } from './resolveTask.js';
import type { Shell } from './shell.js';

export interface Plan {
  recipe: ResolvedRecipe;
  estimate: Estimate;
}

/** Throws the same problems as the run's first activity would: bad input is found here, before anything is started. */
export async function makePlan(shell: Shell, task: string, overrides: Record<string, unknown>): Promise<Plan> {
  const recipe = await resolveTask(shell, task, overrides);
  return { recipe, estimate: estimate(recipe, sharesOf(recipe, await countRows(recipe))) };
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
