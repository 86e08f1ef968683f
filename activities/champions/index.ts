/** The champion of a task, as rounds of retraining read and move it. */
import path from 'node:path';
import type { DatasetRef } from '../../config/records.js';
import type { Champion, ChampionEntry } from '../../config/retraining.js';
import { bestChampion, championOf, lastRound, nextContest } from '../../workflows/policies/retraining/champions.js';
import { readTaskFile } from '../recipe/taskFile.js';
import { toPath, toUri } from '../storage/files.js';
import { addEntry, championsFolder, readHistory, type SharedHistory } from './history.js';

export interface ChampionDeps {
  /** Folder that task paths are relative to; `.anneal/` lies in it. */
  root: string;
  /** Where the histories lie in a store. */
  sharedHistory?: SharedHistory | undefined;
}

/** How a task stands when a round begins. */
export interface Standing {
  task: string;
  /** URI of the folder with the task's history. */
  folder: string;
  /** Of the last entry; 0 before the first. */
  version: number;
  champion: Champion | null;
  /** The best on the frozen test so far; null while that is the champion, or none was asked. */
  best: Champion | null;
  /** The dataset of the first champion: its test split is the frozen test. */
  anchor: DatasetRef | null;
  last: ChampionEntry['round'];
  contest: number;
}

export interface RecordInput {
  folder: string;
  /** The version that the round began with: a champion that changed meanwhile is not replaced. */
  version: number;
  entry: Omit<ChampionEntry, 'schema' | 'version' | 'at' | 'champion'>;
}

export function createChampionActivities({ root, sharedHistory }: ChampionDeps) {
  return {
    /** How the task stands. Throws InvalidInput for a task that can't be read. */
    async standingOfTask({ task: named }: { task: string }): Promise<Standing> {
      const { task } = await readTaskFile(named, root);
      const folder = path.join(championsFolder(path.join(root, '.anneal')), task.name);
      await sharedHistory?.refresh(folder);
      const history = await readHistory(folder);
      const champion = championOf(history);
      const best = bestChampion(history);
      return {
        task: task.name,
        folder: toUri(folder),
        version: history.at(-1)?.version ?? 0,
        champion,
        best: best?.modelUri === champion?.modelUri ? null : best,
        anchor: history.find((entry) => entry.champion !== null)?.champion?.dataset ?? null,
        last: lastRound(history),
        contest: nextContest(history),
      };
    },

    /** Writes how a round ended, and with a promotion moves the pointer; the same key is written once. */
    recordRound: ({ folder, version, entry }: RecordInput): Promise<ChampionEntry> =>
      addEntry(
        toPath(folder),
        entry.key,
        (history) => {
          const champion = championOf(history);
          const began = history.find((each) => each.version === version)?.champion ?? null;
          const wins = entry.verdict === 'first' || entry.verdict === 'promoted';
          if (!wins) return { ...entry, champion };
          if (champion?.modelUri === began?.modelUri)
            return { ...entry, champion: entry.round?.challenger ?? champion };
          const reason = `The champion changed while the round went on, so the challenger did not meet it. (${entry.reason})`;
          return { ...entry, verdict: 'kept', reason, champion };
        },
        sharedHistory,
      ),
  };
}
export type ChampionActivities = ReturnType<typeof createChampionActivities>;
