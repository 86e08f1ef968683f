/** What a trial of a sweep asks of the trainer. Pure. */
import type { ResolvedRecipe } from '../../config/resolved.js';
import type { Datasets } from '../../config/steps.js';
import type { TrainingSpec } from '../../config/training.js';
import { businessOnly, trainingSpec } from '../plan.js';
import { nameOf } from './outcomes.js';
import type { Wish } from './world.js';

/** A constant rate after the warm-up, and the order of all epochs, so that each rung is the beginning of the next (methods M6). */
export function specOf(recipe: ResolvedRecipe, data: Datasets, wish: Wish): TrainingSpec {
  const { tuning, epochs, seed, below } = wish;
  const { settings } = recipe;
  return trainingSpec({
    recipe,
    data,
    name: nameOf(wish),
    model: recipe.model.uri,
    learningRate: tuning.learningRate,
    tuning,
    epochs: settings.sweep.epochs,
    untilEpoch: epochs,
    continues: below?.checkpoint ?? null,
    seed: settings.seed + seed - 1,
    mix: businessOnly,
    phrasing: 'fine',
    schedule: 'constant',
    evaluationsPerEpoch: 1,
    keepCheckpoints: 1,
  });
}
