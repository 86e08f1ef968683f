/** Puts an earlier champion back: a new entry of the history, by which nothing is lost. */
import { randomUUID } from 'node:crypto';
import { problem } from '../../config/problems.js';
import type { ChampionEntry } from '../../config/retraining.js';
import { championBefore, championOf } from '../../workflows/policies/retraining/champions.js';
import { isThere } from '../processes/there.js';
import { toPath } from '../storage/files.js';
import { addEntry, readHistory, type SharedHistory } from './history.js';

export interface RollBackWish {
  /** The version whose champion is put back; the last one of another champion where it is not said. */
  to?: number | undefined;
  by: string;
  why: string;
}

/**
 * Returns the entry that holds now: the last one as it is where the wanted model is champion already. Throws InvalidInput
 * where there is no such version, no earlier champion, or its model is gone.
 */
export async function rollBack(
  folder: string,
  { to, by, why }: RollBackWish,
  shared?: SharedHistory,
): Promise<ChampionEntry> {
  const history = await readHistory(folder);
  const target = to === undefined ? championBefore(history) : history.find(({ version }) => version === to);
  const last = history.at(-1);
  if (!target?.champion || !last) throw noSuchChampion(folder, to);
  const { champion, task, version } = target;
  if (champion.modelUri === championOf(history)?.modelUri) return last;
  const isKept = (await shared?.holds(champion.modelUri)) || (await isThere(toPath(champion.modelUri)));
  if (!isKept) throw modelGone(champion.modelUri);
  const key = `rollBack/${randomUUID()}`;
  const reason = `Back to version ${version}: ${why}`;
  return addEntry(folder, key, () => ({ task, key, verdict: 'rolledBack', reason, by, champion, round: null }), shared);
}

function noSuchChampion(folder: string, to: number | undefined): Error {
  return problem('InvalidInput', {
    what: to === undefined ? 'There is no earlier champion.' : `There is no version ${to} with a champion.`,
    where: folder,
    todo: '`anneal champion list` shows the versions there are.',
  });
}

function modelGone(modelUri: string): Error {
  return problem('InvalidInput', {
    what: 'The folder of that champion’s model is gone.',
    where: modelUri,
    todo: 'Bring it back, or go back to another version with --to.',
  });
}
