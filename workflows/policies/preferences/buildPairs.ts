import { balanceLengths } from './lengths.js';

/** Of two answers to one question the better and the worse one. */
export interface Preference {
  id: string;
  group: string;
  chosen: string;
  rejected: string;
}

/** One training item with the model's own answers to it. */
export interface AnsweredItem {
  id: string;
  group: string;
  answers: readonly { text: string; score: number }[];
}

export interface PairRules {
  /** Groups that may be trained on: an item of any other is left out, so that no pair crosses a split. */
  trainingGroups: ReadonlySet<string>;
  /** Pairs of one item at most. */
  atMost: number;
  /** How far mean lengths of chosen and rejected answers may differ, as a share. */
  lengthTolerance: number;
}

/** Every item and pair that gave nothing is counted under its reason. */
export interface PairCounts {
  items: number;
  allRight: number;
  allWrong: number;
  otherSplit: number;
  ties: number;
  unbalanced: number;
}

interface Text {
  text: string;
  times: number;
}

/** Different texts, the likeliest first; of equally likely ones the first in the alphabet. */
function byLikelihood(texts: readonly string[]): Text[] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times]
    .map(([text, count]) => ({ text, times: count }))
    .sort((a, b) => b.times - a.times || (a.text < b.text ? -1 : 1));
}

/** Of the right texts the one nearest in length, so that length is not what is learnt; else the likeliest. */
function nearestInLength(right: readonly Text[], rejected: string): string {
  const far = ({ text }: Text) => Math.abs(text.length - rejected.length);
  return right.reduce((best, each) => (far(each) < far(best) ? each : best)).text;
}

/**
 * Pairs from a model's own answers (methods M10): chosen is a right one of its own, rejected one of its wrong ones, the
 * likeliest first. Items that are all right teach nothing, items that are all wrong want examples instead.
 */
export function buildPairs(
  items: readonly AnsweredItem[],
  { trainingGroups, atMost, lengthTolerance }: PairRules,
): { pairs: Preference[]; counts: PairCounts } {
  const counts = { items: items.length, allRight: 0, allWrong: 0, otherSplit: 0, ties: 0, unbalanced: 0 };
  const pairs: Preference[] = [];
  for (const { id, group, answers } of items) {
    const right = byLikelihood(answers.filter(({ score }) => score >= 1).map(({ text }) => text));
    const wrong = byLikelihood(answers.filter(({ score }) => score < 1).map(({ text }) => text));
    if (!trainingGroups.has(group)) counts.otherSplit += 1;
    else if (right.length === 0) counts.allWrong += 1;
    else if (wrong.length === 0) counts.allRight += 1;
    else
      for (const { text: rejected } of wrong.slice(0, atMost)) {
        const chosen = nearestInLength(right, rejected);
        if (isTie(chosen, rejected)) counts.ties += 1;
        else pairs.push({ id, group, chosen, rejected });
      }
  }
  const balanced = balanceLengths(pairs, lengthTolerance);
  return { pairs: balanced, counts: { ...counts, unbalanced: pairs.length - balanced.length } };
}

/** The same text to a reader: nothing is preferred. */
export function isTie(chosen: string, rejected: string): boolean {
  return chosen.trim() === rejected.trim();
}
