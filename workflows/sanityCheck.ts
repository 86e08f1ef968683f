import { DataStepInput, type SanityResult } from '../config/steps.js';
import { evaluations } from './evaluations.js';
import { businessOnly, trainingSpec } from './plan.js';
import { sanityVerdict } from './policies/sanityVerdict.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';
import { requireCheckpoint } from './run/trained.js';
import { Probes } from './sanity/probes.js';

/**
 * R8, R9: train on business data only and ask the training set back; stop if the model can't repeat it. Probes look for
 * faults before anything is trained, and say why a set is not repeated (docs/sanity-check.md).
 */
export async function sanityCheck(given: DataStepInput): Promise<SanityResult> {
  const input = stepInput(DataStepInput, given);
  const step = new Step('sanityCheck', input);
  const { recipe } = step;
  const { sanity, training } = recipe.settings;
  const spec = trainingSpec({
    recipe,
    data: { business: input.data.business, generic: null },
    name: 'sanity',
    model: recipe.model.uri,
    learningRate: training.learningRate,
    epochs: sanity.epochs,
    mix: businessOnly,
    phrasing: 'fine',
    schedule: 'constant',
    evaluationsPerEpoch: 1,
    limit: sanity.maximumExamples,
    repeats: true,
  });
  const decide = (verdict: Parameters<Step['decide']>[2]) => step.decide('sanityCheck', ['R8', 'R9'], verdict);
  const probes = new Probes(step, input.data, spec);
  if (probes.taken) {
    const { verdict, reason, evidence } = await probes.start();
    if (verdict !== 'healthy') return { decision: await decide({ verdict, reason, evidence }) };
  }
  const trained = await step.train({ name: 'sanity', spec, watch: 'enoughToRepeat' });
  const checkpoint = requireCheckpoint(trained);
  const asked = await step.serving(checkpoint.uri, async (endpoint) => {
    const ask = evaluations(recipe, endpoint, 'sanity');
    // The same hash order chooses what is trained on and what is asked, so these items are among the trained ones.
    const repeated = await ask.business(input.data.business, 'train', Math.min(sanity.items, sanity.maximumExamples));
    const validation = await ask.business(input.data.business, 'validation', sanity.items);
    const limits = { ceiling: sanity.ceiling, floor: sanity.floor, conflictShare: 0 };
    const verdict = sanityVerdict(repeated, validation, limits, input.data.business.largestShare);
    return { repeated, validation, verdict, decision: probes.taken ? null : await decide(verdict) };
  });
  return { decision: asked.decision ?? (await decide(await probes.judge({ trained, checkpoint, ...asked }))) };
}
