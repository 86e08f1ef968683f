import type { RecipeSettings } from './settings.js';
import type { InputFault } from './suggest.js';
import { FrozenPart, type TuningMethod } from './training.js';

/** Where training.freeze leaves nothing to train (R10); said before anything is spent. */
export function freezeFaults({ training: { freeze, method } }: RecipeSettings): InputFault[] {
  const says = adapterOfNothing([method], freeze) ?? nothingLeft(freeze);
  return says === undefined ? [] : [{ path: ['training', 'freeze'], says }];
}

export function adapterOfNothing(methods: readonly TuningMethod[], frozen: readonly FrozenPart[]): string | undefined {
  if (!methods.includes('lora') || !frozen.includes('language')) return undefined;
  return 'LoRA adapts the language model alone, and training.freeze names it. Leave it out, or tune fully.';
}

export function nothingLeft(frozen: readonly FrozenPart[]): string | undefined {
  if (new Set(frozen).size < FrozenPart.options.length) return undefined;
  return `${JSON.stringify(frozen)} freezes everything: nothing is left to train. Leave one part out.`;
}
