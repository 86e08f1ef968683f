import type { Estimate } from '../../../config/budget.js';
import type { ResolvedRecipe } from '../../../config/resolved.js';
import { stagedEpochs } from '../../../config/settings.js';
import { maximumExtensions } from '../pickLearningRate.js';
import { lengthening } from '../sanity/longer.js';
import { mostPasses } from '../sweep/rungs.js';

/** Records as they are read, and those of the splits that are trained on and asked. */
export interface Counts {
  rows: number;
  train: number;
  test: number;
}

/** Samples a second of the embedded model on two cores, evaluations and saves included: 83 to 90 were measured. */
const tinySamplesPerSecond = 85;

/** The splits of so many rows before they are built, by the shares of the recipe. */
export function sharesOf({ settings }: Pick<ResolvedRecipe, 'settings'>, rows: number): Counts {
  const { train, dev, validation, test } = settings.data.split;
  const of = (share: number) => Math.round((rows * share) / (train + dev + validation + test));
  return { rows, train: of(train), test: of(test) };
}

/** What a run may train and ask, from its recipe and the number of records. An upper bound: most runs stop earlier. */
export function estimate(
  { settings, generic, model }: Pick<ResolvedRecipe, 'settings' | 'generic' | 'model'>,
  { rows, train, test }: Counts,
): Estimate {
  const { sanity, sweep, mix, stages, align, evaluation, prompt } = settings;
  const [first, ...others] = generic === null ? [{ business: 1, generic: 0 }] : mix.ratios;
  // Alternatives are tried at the first ratio; averages with the base train nothing.
  const ratios = [first, ...(generic === null ? [] : mix.alternatives.map(() => first)), ...others].filter(
    (ratio) => ratio !== undefined,
  );
  const mixed = (ratio: { business: number; generic: number }) => train * (1 + ratio.generic / ratio.business);
  const heaviest = Math.max(...ratios.map(mixed));
  const rates = sweep.learningRates.length + (sweep.extendAtEdge ? maximumExtensions : 0);
  const sweepPasses = sweep.trials > 0 ? mostPasses(sweep) : sweep.epochs * rates;
  const asked = align.when === 'off' ? 0 : Math.min(align.items, rows);
  // Those of a person's file are not counted yet.
  const pairs = (asked * align.pairsPerItem) / (1 - align.imagePairs);
  const stagesOf = [
    { name: 'sanityCheck', samples: Math.min(sanity.maximumExamples, train) * sanity.epochs * lengthening },
    { name: 'sweep', samples: train * sweepPasses },
    { name: 'mixGeneric', samples: ratios.reduce((sum, ratio) => sum + mixed(ratio) * mix.epochs, 0) },
    { name: 'trainStaged', samples: heaviest * stagedEpochs(stages) },
    ...(align.when === 'off' ? [] : [{ name: 'alignPreferences', samples: pairs * align.epochs }]),
  ];
  const testItems = Math.min(test, prompt.maximumItems);
  const genericItems = generic === null ? 0 : evaluation.genericItems;
  const isTiny = model.preset === 'tiny';
  return {
    rows,
    trainRows: train,
    stages: stagesOf.map(({ name, samples }) => ({ name, samples: Math.round(samples) })),
    questions:
      2 * (testItems + genericItems + evaluation.blindItems) +
      4 * sanity.items +
      evaluation.parityProbes +
      align.samples * asked,
    samplesPerSecond: isTiny ? tinySamplesPerSecond : null,
    speed: isTiny
      ? `${tinySamplesPerSecond} samples/s, the embedded model on two cores`
      : 'not known for this model: the first training shows it in the report',
  };
}

/** Hours of trainers for all of it; null where the speed is not known. */
export function trainerHoursOf({ stages, samplesPerSecond }: Estimate): number | null {
  const samples = stages.reduce((sum, stage) => sum + stage.samples, 0);
  return samplesPerSecond === null ? null : samples / samplesPerSecond / 3600;
}
