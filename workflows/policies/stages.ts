import type { RecipeSettings } from '../../config/settings.js';

export interface PlannedStage {
  /** Of its training and its decisions. */
  name: string;
  epochs: number;
  learningRate: number;
  /** Of the task, or templates of its own. */
  phrasing: 'coarse' | 'fine' | readonly string[];
  /** All training records, those that the build set apart for the fine stage, or those of this quality and above. */
  records: 'all' | 'fine' | { leastQuality: number };
}

/**
 * R14, R15: from many records to few of high quality, the coarse stage first and the fine one last (methods M9). A stage of
 * no epoch is left out.
 */
export function planStages(
  { coarseEpochs, fineEpochs, fineRateFactor, between = [] }: RecipeSettings['stages'],
  learningRate: number,
): PlannedStage[] {
  const stages: PlannedStage[] = [
    { name: 'coarse', epochs: coarseEpochs, learningRate, phrasing: 'coarse', records: 'all' },
    ...between.map(({ name, epochs, rateFactor, leastQuality, phrasings }): PlannedStage => {
      return {
        name: `stages/${name}`,
        epochs,
        learningRate: learningRate * rateFactor,
        phrasing: phrasings ?? 'coarse',
        records: leastQuality > 0 ? { leastQuality } : 'all',
      };
    }),
    {
      name: 'fine',
      epochs: fineEpochs,
      learningRate: learningRate * fineRateFactor,
      phrasing: 'fine',
      records: 'fine',
    },
  ];
  return stages.filter(({ epochs }) => epochs > 0);
}
