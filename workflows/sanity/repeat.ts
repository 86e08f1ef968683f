/** One training of the sanity check, and its training set asked back. */
import type { Decision, RecordedDecision } from '../../config/decisions.js';
import type { Evaluation } from '../../config/evaluation.js';
import type { Datasets, TrainRunResult, Watch } from '../../config/steps.js';
import type { Checkpoint, TrainingSpec } from '../../config/training.js';
import { evaluations } from '../evaluations.js';
import { sanityVerdict } from '../policies/sanityVerdict.js';
import type { Step } from '../run/step.js';
import { requireCheckpoint } from '../run/trained.js';

export interface Repeated {
  trained: TrainRunResult;
  checkpoint: Checkpoint;
  repeated: Evaluation;
  /** Of pictures that were not trained on. */
  validation: Evaluation;
  /** What the score alone says. */
  verdict: Decision<string>;
  /** Where it was decided at once. */
  decision: RecordedDecision | null;
}

interface Wish {
  /** The training's, unique in the run. */
  name: string;
  spec: TrainingSpec;
  watch: Watch;
  /** Decides while the model is served, as runs of before did. */
  atOnce: ((verdict: Decision<string>) => Promise<RecordedDecision>) | null;
}

export async function repeat(
  step: Step,
  { business }: Datasets,
  { name, spec, watch, atOnce }: Wish,
): Promise<Repeated> {
  const { recipe } = step;
  const { sanity } = recipe.settings;
  const trained = await step.train({ name, spec, watch });
  const checkpoint = requireCheckpoint(trained);
  const asked = await step.serving(checkpoint.uri, async (endpoint) => {
    const ask = evaluations(recipe, endpoint, 'sanity');
    // The same hash order chooses what is trained on and what is asked, so these items are among the trained ones.
    const repeated = await ask.business(business, 'train', Math.min(sanity.items, sanity.maximumExamples));
    const validation = await ask.business(business, 'validation', sanity.items);
    const limits = { ceiling: sanity.ceiling, floor: sanity.floor, conflictShare: 0 };
    const verdict = sanityVerdict(repeated, validation, limits, business.largestShare);
    return { repeated, validation, verdict, decision: atOnce ? await atOnce(verdict) : null };
  });
  return { trained, checkpoint, ...asked };
}
