import type { TuningMethod } from '../../../config/training.js';

/** What a good rate by one method is multiplied by for the other: LoRA's best is about ten times that of full tuning (methods M6). */
export function rateFactor(from: TuningMethod | undefined, to: TuningMethod | undefined): number {
  if (from === undefined || to === undefined || from === to) return 1;
  return to === 'lora' ? 10 : 0.1;
}
