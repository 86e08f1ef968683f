import type { Interval } from '../../../config/decisions.js';
import type { AnswerRow, Evaluation } from '../../../config/evaluation.js';
import { intervalOf } from '../statistics/interval.js';
import { balancedRecall } from './balanced.js';
import { normalise } from './text.js';

const maximumSlices = 20;

export interface EvaluationAbout {
  name: string;
  answersUri: string;
  decodingDigest: string;
  seconds: number;
  /** The declared labels, where the answer is one of them: recall is averaged over those that occur. */
  labels?: string[];
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function groupedBy(rows: readonly AnswerRow[], keyOf: (row: AnswerRow) => string): [string, AnswerRow[]][] {
  const parts = new Map<string, AnswerRow[]>();
  for (const row of rows) parts.set(keyOf(row), [...(parts.get(keyOf(row)) ?? []), row]);
  return [...parts].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
}

function sliceIntervals(rows: readonly AnswerRow[]): Record<string, Interval> {
  const slices = groupedBy(
    rows.filter(({ slice }) => slice !== null),
    ({ slice }) => slice ?? '',
  );
  return Object.fromEntries(slices.slice(0, maximumSlices).map(([slice, items]) => [slice, intervalOf(items)]));
}

/**
 * The figures of one set that policies read (methods M1). Excluded rows are counted and never scored; cut, refused and
 * invalid answers score 0. The order of rows changes nothing. Of more than 20 slices the 20 largest are kept.
 */
export function summariseAnswers(rows: readonly AnswerRow[], about: EvaluationAbout): Evaluation {
  const scored = rows.filter(({ outcome }) => outcome !== 'excluded');
  const classes = groupedBy(scored, ({ expected }) => normalise(expected));
  const counted = (outcome: AnswerRow['outcome']) => rows.filter((row) => row.outcome === outcome).length;
  const majorityBaseline = scored.length === 0 ? 0 : (classes[0]?.[1].length ?? 0) / scored.length;
  const declared = about.labels?.map((label) => normalise(label));
  const judged = classes.filter(([name]) => declared === undefined || declared.includes(name));
  return {
    name: about.name,
    answersUri: about.answersUri,
    asked: rows.length,
    excluded: counted('excluded'),
    cut: counted('cut'),
    refused: counted('refused'),
    score: intervalOf(scored),
    validity: intervalOf(scored.map(({ group, valid }) => ({ group, score: valid ? 1 : 0 }))),
    contentWhenValid: mean(scored.filter(({ valid }) => valid).map(({ score }) => score)),
    repaired: mean(scored.map(({ repaired }) => repaired)) ?? 0,
    majorityBaseline,
    ...balancedRecall(
      judged.map(([, items]) => items.map(({ score }) => score)),
      majorityBaseline,
    ),
    bySlice: sliceIntervals(scored),
    decodingDigest: about.decodingDigest,
    promptTokens: rows.reduce((sum, row) => sum + row.promptTokens, 0),
    completionTokens: rows.reduce((sum, row) => sum + row.completionTokens, 0),
    seconds: about.seconds,
  };
}
