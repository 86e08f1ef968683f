/** What a run may cost, from its recipe and the number of rows. Pure. An upper bound: most runs stop earlier. */
import type { ResolvedRecipe } from '../config/resolved.js';
import { mostPasses } from '../workflows/policies/sweep/rungs.js';

export interface StageEstimate {
  name: string;
  /** Samples trained, business and generic. */
  samples: number;
}

export interface Estimate {
  rows: number;
  trainRows: number;
  stages: StageEstimate[];
  /** Business and generic questions asked of a model, all steps together. */
  questions: number;
  /** null where the speed of this model is not known. */
  trainingMinutes: number | null;
  speed: string;
}

/** Samples a second of the embedded model on two cores, evaluations and saves included: 83 to 90 were measured. */
const tinySamplesPerSecond = 85;

export function estimate({ settings, generic, model }: ResolvedRecipe, rows: number): Estimate {
  const { data, sanity, sweep, mix, stages, align, evaluation, prompt } = settings;
  const { split } = data;
  const whole = split.train + split.dev + split.validation + split.test;
  const trainRows = Math.round((rows * split.train) / whole);
  const [first, ...others] = generic === null ? [{ business: 1, generic: 0 }] : mix.ratios;
  // Alternatives are tried at the first ratio; averages with the base train nothing.
  const ratios = [first, ...(generic === null ? [] : mix.alternatives.map(() => first)), ...others].filter(
    (ratio) => ratio !== undefined,
  );
  const mixed = (ratio: { business: number; generic: number }) => trainRows * (1 + ratio.generic / ratio.business);
  const heaviest = Math.max(...ratios.map(mixed));
  const sweepPasses = sweep.trials > 0 ? mostPasses(sweep) : sweep.epochs * sweep.learningRates.length;
  const found: StageEstimate[] = [
    { name: 'sanityCheck', samples: Math.min(sanity.maximumExamples, trainRows) * sanity.epochs },
    { name: 'sweep', samples: trainRows * sweepPasses },
    { name: 'mixGeneric', samples: ratios.reduce((sum, ratio) => sum + mixed(ratio) * mix.epochs, 0) },
    { name: 'trainStaged', samples: heaviest * (stages.coarseEpochs + stages.fineEpochs) },
  ];
  const samples = found.reduce((sum, stage) => sum + stage.samples, 0);
  const testRows = Math.min(Math.round((rows * split.test) / whole), prompt.maximumItems);
  const sampled = align.when === 'off' ? 0 : align.samples * Math.min(align.items, trainRows);
  const genericItems = generic === null ? 0 : evaluation.genericItems;
  const isTiny = model.preset === 'tiny';
  return {
    rows,
    trainRows,
    stages: found.map((stage) => ({ ...stage, samples: Math.round(stage.samples) })),
    questions: 2 * (testRows + genericItems) + sanity.items + evaluation.parityProbes + sampled,
    trainingMinutes: isTiny ? samples / tinySamplesPerSecond / 60 : null,
    speed: isTiny
      ? `${tinySamplesPerSecond} samples/s, the embedded model on two cores`
      : 'not known for this model: the first training shows it in the report',
  };
}
