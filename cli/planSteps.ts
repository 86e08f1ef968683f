/** The steps of a run of the recipe, as `anneal plan` lists them: those that these settings leave out are not among them. */
import type { ResolvedRecipe } from '../config/resolved.js';

export interface PlannedStep {
  name: string;
  rules: string;
  does: string;
}

export function planSteps({ settings, generic }: Pick<ResolvedRecipe, 'settings' | 'generic'>): PlannedStep[] {
  const { sweep, align } = settings;
  const step = (name: string, rules: string, does: string) => ({ name, rules, does });
  return [
    step('buildDataset', 'R4 R7', 'read, check and split the records'),
    step('promptFirst', 'R1 R2', 'measure the prompt on held-out data; stop here if it is enough'),
    step('sanityCheck', 'R8 R9', 'train on business data alone; stop if the training set can not be repeated'),
    step(
      'sweep',
      'R10 R11',
      sweep.trials > 0
        ? `compare learning rates by their validation curves, then other settings, in ${sweep.trials} trials`
        : 'compare learning rates by their validation curves',
    ),
    step(
      'mixGeneric',
      'R12',
      generic === null
        ? 'train on business data alone: there is no generic data, so general ability is not measured'
        : 'take the first mix of generic data that keeps general ability',
    ),
    step('trainStaged', 'R14 to R16', 'train coarse, then fine, under the overfit watchdog'),
    ...(align.when === 'off'
      ? []
      : [step('alignPreferences', 'R3', 'train on pairs of its own answers, where fine control is what lacks')]),
    step('evaluate', 'R1', 'measure before and after, through the endpoint that would serve it'),
  ];
}
