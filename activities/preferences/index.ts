/** Pairs to train preferences on, from what a model answered and from a person's file (R3). */
import { type BuildPairsInput, buildPreferencePairs, type PreferencePairs } from './pairs.js';

export interface PreferenceDeps {
  log: Pick<Console, 'info'>;
}

export function createPreferenceActivities({ log }: PreferenceDeps) {
  return {
    /** Writes pairs.jsonl, held-out.jsonl and pairs.json, which says where they are from; the same input, the same files. */
    async buildPreferencePairs(input: BuildPairsInput): Promise<PreferencePairs> {
      const built = await buildPreferencePairs(input);
      log.info('Built preference pairs.', { pairs: built.pairs, heldOut: built.heldOut, persons: built.persons });
      return built;
    },
  };
}
export type PreferenceActivities = ReturnType<typeof createPreferenceActivities>;
