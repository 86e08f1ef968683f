/** Entries of a history, everything at its plainest except what a test names. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { NewEntry } from '../../../activities/champions/history.js';
import { toUri } from '../../../activities/storage/files.js';
import type { Champion, ChampionEntry } from '../../../config/retraining.js';

export const datasetOf = (digest: string): Champion['dataset'] => ({
  uri: `file:///data/${digest}`,
  digest,
  read: 100,
  used: 100,
  merged: 0,
  rejected: 0,
  bySplit: { train: 60, dev: 5, validation: 10, test: 25 },
  largestShare: 0.3,
  notes: [],
  questions: [],
});

/** Its model lies in `root`, where one is given. */
export function championOf(name: string, root = '/models'): Champion {
  const model = path.join(root, name);
  if (root !== '/models') mkdirSync(model, { recursive: true });
  return { modelUri: toUri(model), run: `run-${name}`, dataset: datasetOf(`d-${name}`) };
}

type Change = Partial<Omit<NewEntry, 'round'>> & { round?: Partial<NonNullable<NewEntry['round']>> | null };

export function newEntry({ round, ...change }: Change = {}): NewEntry {
  const challenger = change.champion ?? null;
  const plain = { dataset: datasetOf('d'), keptSplitsOf: null, contest: true, challenger, anchorScores: null };
  return {
    task: 'parts',
    key: change.key ?? 'round-1',
    verdict: 'first',
    reason: 'It solves the task.',
    by: 'retrain',
    champion: null,
    round: round === null ? null : { ...plain, ...round },
    ...change,
  };
}

export function historyOf(...changes: Change[]): ChampionEntry[] {
  return changes.map((change, index) => ({
    schema: 'anneal.champion/1',
    version: index + 1,
    at: '2026-11-26T03:00:00.000Z',
    ...newEntry({ key: `round-${index + 1}`, ...change }),
  }));
}
