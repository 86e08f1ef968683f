/** What a task's history of champions says. Pure. */
import type { Champion, ChampionEntry } from '../../../config/retraining.js';

type History = readonly ChampionEntry[];

/** Who is champion now; null where there is none. */
export function championOf(history: History): Champion | null {
  return history.at(-1)?.champion ?? null;
}

/** The champion of before the present one was put there; null where there was none. */
export function championBefore(history: History): ChampionEntry | null {
  const now = championOf(history);
  const others = history.filter(({ champion }) => champion !== null && champion.modelUri !== now?.modelUri);
  const since = history.find(({ champion }) => now !== null && champion?.modelUri === now.modelUri);
  return others.findLast(({ version }) => since === undefined || version < since.version) ?? null;
}

/** The one that scored best on the frozen test when it was last asked; null where none was asked yet. */
export function bestChampion(history: History): Champion | null {
  const scores = new Map<string, { champion: Champion; score: number }>();
  for (const [index, { verdict, round, champion }] of history.entries()) {
    if (!round?.anchorScores) continue;
    const defended = history[index - 1]?.champion;
    if (defended) scores.set(defended.modelUri, { champion: defended, score: round.anchorScores.champion });
    if (verdict === 'promoted' && champion)
      scores.set(champion.modelUri, { champion, score: round.anchorScores.challenger });
  }
  const [best] = [...scores.values()].sort((one, other) => other.score - one.score);
  return best?.champion ?? null;
}

/** The last round that was played to its end; null before the first. */
export function lastRound(history: History): ChampionEntry['round'] {
  return history.findLast(({ round }) => round !== null)?.round ?? null;
}

/** The number of the next contest, from 1: each spends a part of alpha on the same frozen test (methods M13). */
export function nextContest(history: History): number {
  return 1 + history.filter(({ round }) => round?.contest).length;
}
