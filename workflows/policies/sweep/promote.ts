import type { Decision } from '../../../config/decisions.js';
import { figure } from '../wording.js';
import { type Noise, noiseAt } from './noise.js';
import { type Outcome, type Ranked, rankedOf } from './outcome.js';
import { softness } from './rungs.js';

export interface Promotion extends Decision<'promoted' | 'noneWorked'> {
  /** The trials that go on, the best first. */
  promoted: Ranked[];
  /** What became of each trial and why, by its name. */
  fates: Record<string, string>;
}

/**
 * R10: which trials go on to the next rung? The `quota` best by validation loss, and those within one standard deviation
 * between seeds of the last of them, as the noise is at its loss, at most half as many again (methods M6). A failed trial is never promoted. Equal
 * tables give equal promotions.
 */
export function promote(
  outcomes: readonly Outcome[],
  { quota, noise: measured }: { quota: number; noise: Pick<Noise, 'sd' | 'loss'> | null },
): Promotion {
  const ranked = rankedOf(outcomes);
  const failed = outcomes.length - ranked.length;
  const cut = ranked[Math.min(quota, ranked.length) - 1];
  const seedSd = measured && cut ? noiseAt(cut.loss, measured) : (measured?.sd ?? null);
  const counts = { trials: outcomes.length, failed, quota, seedSd };
  const fates: Record<string, string> = {};
  for (const { trial, failed: why } of outcomes)
    fates[trial] = `failed: ${(why ?? 'no validation loss').slice(0, 160)}`;
  if (!cut) {
    const first = outcomes.find((each) => each.failed !== null)?.failed?.slice(0, 200);
    const reason = `None of ${outcomes.length} trials gave a validation loss.${first ? ` The first failed: ${first}` : ''}`;
    return { verdict: 'noneWorked', reason, evidence: counts, promoted: [], fates };
  }
  const noise = seedSd !== null && seedSd > 0 ? seedSd : Number.NEGATIVE_INFINITY;
  const most = Math.floor(softness * quota);
  const promoted = ranked.filter(({ loss }, place) => place < quota || (place < most && loss - cut.loss <= noise));
  for (const [place, { trial, loss }] of ranked.entries())
    fates[trial] = fateOf(place, loss - cut.loss, quota, promoted);
  const soft = Math.max(0, promoted.length - quota);
  const softly = soft > 0 ? `, ${soft} of them within the noise between seeds, ${figure(noise)},` : '';
  const bad = failed > 0 ? ` ${failed} failed.` : '';
  const reason = `${promoted.length} of ${outcomes.length} trials go on${softly} with validation losses up to ${figure(promoted.at(-1)?.loss ?? cut.loss)}.${bad}`;
  return {
    verdict: 'promoted',
    reason,
    evidence: { ...counts, promoted: promoted.length, soft, cut: cut.loss },
    promoted,
    fates,
  };
}

function fateOf(place: number, behind: number, quota: number, promoted: readonly Ranked[]): string {
  if (place < quota) return `promoted: place ${place + 1} of ${quota}`;
  if (place < promoted.length) return `promoted: ${figure(behind)} behind the cut, within the noise between seeds`;
  return `left: place ${place + 1}, ${figure(behind)} behind the cut`;
}
