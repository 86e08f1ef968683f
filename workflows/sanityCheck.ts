import { DataStepInput, type SanityResult } from '../config/steps.js';
import type { TrainingSpec } from '../config/training.js';
import { trainsSanityLonger } from './changes.js';
import { businessOnly, trainingSpec } from './plan.js';
import { inOrder } from './policies/curve.js';
import { lengthening, trainsLonger } from './policies/sanity/longer.js';
import { Step } from './run/step.js';
import { stepInput } from './run/stepInput.js';
import { failedTraining } from './run/trained.js';
import { Probes } from './sanity/probes.js';
import { repeat } from './sanity/repeat.js';

/**
 * R8, R9: train on business data only and ask the training set back; stop if the model can't repeat it. Probes look for
 * faults before anything is trained, and say why a set is not repeated (docs/sanity-check.md). One that is nearly repeated is
 * trained on for longer, once.
 */
export async function sanityCheck(given: DataStepInput): Promise<SanityResult> {
  const input = stepInput(DataStepInput, given);
  const step = new Step('sanityCheck', input);
  const mayTrainLonger = trainsSanityLonger();
  const spec = specOf(step, input, { name: 'sanity', times: mayTrainLonger ? lengthening : 1 });
  const decide = (verdict: Parameters<Step['decide']>[2]) => step.decide('sanityCheck', ['R8', 'R9'], verdict);
  const probes = new Probes(step, input.data, spec);
  if (probes.taken) {
    const { verdict, reason, evidence } = await probes.start();
    if (verdict !== 'healthy') return { decision: await decide({ verdict, reason, evidence }) };
  }
  const atOnce = mayTrainLonger || probes.taken ? null : decide;
  const first = await repeat(step, input.data, { name: 'sanity', spec, watch: 'enoughToRepeat', atOnce });
  if (first.decision) return { decision: first.decision };
  const judged = await probes.judge('trained', first);
  const wish = mayTrainLonger && !step.overruled('sanityCheck') ? trainsLonger(judged, first.repeated) : null;
  const longer = wish && (await step.decide('sanityCheck/longer', ['R9'], wish));
  if (longer?.verdict !== 'trainLonger') return { decision: await decide(judged) };
  const name = 'sanity/longer';
  const whole = specOf(step, input, { name, times: lengthening, continues: first.checkpoint.uri });
  const wished = { name, spec: whole, watch: 'healthOnly', atOnce: null } as const;
  const again = await repeat(step, input.data, wished).catch(failedTraining);
  if (typeof again === 'string')
    return { decision: await decide({ ...judged, reason: `${judged.reason} Training on did not work: ${again}` }) };
  const points = inOrder([...first.trained.points, ...again.trained.points]);
  const both = { ...again, trained: { ...again.trained, points } };
  return { decision: await decide(await probes.judge('trained-longer', both)) };
}

interface Wish {
  name: string;
  /** So many times the epochs of the settings are planned, of which the first training ends after those of the settings. */
  times: number;
  /** Checkpoint of the first training. */
  continues?: string;
}

function specOf(step: Step, { data }: DataStepInput, { name, times, continues }: Wish): TrainingSpec {
  const { recipe } = step;
  const { sanity, training } = recipe.settings;
  return trainingSpec({
    recipe,
    data: { business: data.business, generic: null },
    name,
    model: recipe.model.uri,
    learningRate: training.learningRate,
    epochs: times * sanity.epochs,
    ...(continues ? { continues } : { untilEpoch: sanity.epochs }),
    mix: businessOnly,
    phrasing: 'fine',
    schedule: 'constant',
    evaluationsPerEpoch: 1,
    limit: sanity.maximumExamples,
    repeats: true,
  });
}
