import { adapterOfNothing, nothingLeft } from './freezeFaults.js';
import type { RecipeSettings } from './settings.js';
import type { InputFault } from './suggest.js';
import type { FrozenPart, TuningMethod } from './training.js';

/** What the lists that trials draw from can't mean (R10); said before anything is spent. */
export function sweepFaults({ sweep, training }: RecipeSettings): InputFault[] {
  const methods = sweep.methods.length > 0 ? sweep.methods : [training.method];
  const faults = {
    methods: repeated(sweep.methods) ?? adapterOfNothing(sweep.methods, training.freeze),
    freeze: freezeFault(sweep.freeze, methods),
    activeExperts: repeated(sweep.activeExperts),
    routerLoss: repeated(sweep.routerLoss),
  };
  return (Object.keys(faults) as (keyof typeof faults)[]).flatMap((name) => {
    if (sweep[name].length === 0) return [];
    const says = undrawn(sweep) ?? faults[name];
    return says === undefined ? [] : [{ path: ['sweep', name], says }];
  });
}

/** The rates are compared with all else by default: trials beyond them draw from the lists. */
function undrawn({ trials, learningRates }: RecipeSettings['sweep']): string | undefined {
  if (trials > learningRates.length) return undefined;
  return `sweep.trials = ${trials} leaves no trial beside the ${learningRates.length} of sweep.learningRates, so that none draws from it. Raise sweep.trials, or leave it out.`;
}

function freezeFault(choices: readonly FrozenPart[][], methods: readonly TuningMethod[]): string | undefined {
  if (!methods.includes('full'))
    return 'an adapter changes the language model alone, so that freezing other parts changes nothing. Leave it out, or search full tuning too.';
  const seen = new Set<string>();
  for (const parts of choices) {
    const named = JSON.stringify(parts);
    const distinct = [...new Set(parts)].sort();
    if (distinct.length < parts.length) return `${named} names a part twice.`;
    const emptied = nothingLeft(distinct);
    if (emptied) return emptied;
    if (seen.has(distinct.join())) return `${named} is there twice.`;
    seen.add(distinct.join());
  }
  return undefined;
}

function repeated(values: readonly (number | string)[]): string | undefined {
  const twice = values.find((value, index) => values.indexOf(value) < index);
  return twice === undefined ? undefined : `${twice} is there twice.`;
}
