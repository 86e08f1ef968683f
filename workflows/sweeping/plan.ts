import type { SweepSettings, Tuning } from '../../config/sweep.js';

/** What a sweep by halving is to find, and how. */
export interface HalvingPlan {
  settings: SweepSettings;
  /** What is trained with where nothing is searched; its rate is not used. */
  defaults: Tuning;
  /** Of the proposals. */
  seed: number;
  /** False for runs from before: the noise of the lowest rung counts at every other one as it is. */
  noiseScales?: boolean;
  /** False for runs from before: the rates are compared at the lowest rung, and then are trials among others. */
  ratesAtFullLength?: boolean;
}
