/** What newer code does that recorded runs did not: each a name of its own, so that old histories replay. */
import { patched } from '@temporalio/workflow';

/** The merged model of a LoRA run answers the parity probes too. */
export const asksMergedModel = (): boolean => patched('evaluate-asks-merged-model');

/** A named fault asks a person; runs of before closed at it. */
export const asksAboutFaults = (): boolean => patched('faultsAreQuestions');

/** A child's id that is taken is looked at before what runs there is cancelled. */
export const looksWhoseChild = (): boolean => patched('runChild-looks-whose-child');

/** Preferences are considered after supervised tuning (R3). */
export const considersPreferences = (): boolean => patched('alignPreferences');

/** A parity that can't be told leaves the task unsolved. */
export const wantsParityTold = (): boolean => patched('evaluate-wants-parity-told');

/** A step that is started without a run checks what it was given. */
export const checksStepInput = (): boolean => patched('step-checks-input');

/** What is overruled while a question about something else stands is followed, rather than noted. */
export const goesBackWhileAsking = (): boolean => patched('overrule-goes-back-while-asking');

/** Noise between seeds is a share of the loss it was measured at. */
export const scalesNoise = (): boolean => patched('sweep-noise-scales');

/** The rates of a sweep by halving are settled at full length, before other settings are tried. */
export const settlesRatesAtFullLength = (): boolean => patched('sweep-settles-rates-at-full-length');

/** Of checkpoints that tie, the one with the lowest loss is kept; runs of before kept the earliest. */
export const keepsLowestOfTies = (): boolean => patched('checkpoint-keeps-lowest-of-ties');

/** Stages spend one generic budget together; in runs of before each had one of its own. */
export const sharesGenericBudget = (): boolean => patched('stages-spend-one-generic-budget');

/** A workflow id that makes no plain folder name is changed into one. */
export const namesRunsPlainly = (): boolean => patched('run-has-a-plain-name');

/** A training set that is nearly repeated is trained on for longer, once. */
export const trainsSanityLonger = (): boolean => patched('sanity-trains-longer-once');

/** A watchdog waits for a generic loss that may come back, and says where it cannot tell for noise. */
export const waitsForGeneric = (): boolean => patched('watchdog-waits-for-generic');

/** A checkpoint that answers less than half as many right as another one is not kept for its general ability. */
export const leavesUselessOut = (): boolean => patched('checkpoint-leaves-useless-out');
