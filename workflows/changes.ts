/** What newer code does that recorded runs did not: each a name of its own, so that old histories replay. */
import { patched } from '@temporalio/workflow';

/** The merged model of a LoRA run answers the parity probes too. */
export const asksMergedModel = (): boolean => patched('evaluate-asks-merged-model');

/** A parity that can't be told leaves the task unsolved. */
export const wantsParityTold = (): boolean => patched('evaluate-wants-parity-told');
