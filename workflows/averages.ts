/** Averages of a checkpoint with its base (R12): measured without any training, and written once one was chosen. */
import type { AverageScore } from '../config/averaging.js';
import type { ResolvedRecipe } from '../config/resolved.js';
import type { TrainingSpec } from '../config/training.js';
import { fingerprint } from './plan.js';
import { modelWork } from './proxies.js';

/** The shares of tuning that averages may keep; none where the trainer can't average, and in runs of before. */
export function sharesOf({ settings, trainer }: ResolvedRecipe): readonly number[] {
  const { averaging = [] } = settings.mix as Partial<ResolvedRecipe['settings']['mix']>;
  return trainer.averages === true ? averaging : [];
}

/** Scores of base (share 0), tuned form (1) and the averages, on the held-out sets of the training that made it. */
export function measureAverages(
  recipe: ResolvedRecipe,
  { training, tuned }: { training: TrainingSpec; tuned: string },
): Promise<AverageScore[]> {
  const shares = [...sharesOf(recipe)];
  const spec = { schema: 'anneal.averages/1' as const, training, base: recipe.model.uri, tuned, shares };
  const into = `${recipe.runFolder}/averages/${fingerprint(JSON.stringify(spec))}.json`;
  return modelWork.measureAverages({ spec, into });
}

export async function writeAverage(recipe: ResolvedRecipe, tuned: string, share: number): Promise<string> {
  const into = `${recipe.runFolder}/averages/${fingerprint(`${tuned} ${share}`)}`;
  return (await modelWork.writeAverage({ base: recipe.model.uri, tuned, share, into })).uri;
}
