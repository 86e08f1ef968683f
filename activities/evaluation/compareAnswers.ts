/** The same items answered by two models, item by item: what one gains over the other. */
import type { Interval } from '../../config/decisions.js';
import { AnswerRow } from '../../config/evaluation.js';
import { intervalOf } from '../../workflows/policies/statistics/interval.js';
import { type PairedDifference, pairedDifference } from '../../workflows/policies/statistics/paired.js';
import { parsedLines } from './lines.js';

export interface CompareAnswersInput {
  beforeUri: string;
  afterUri: string;
}

interface Side {
  validity: Interval;
  /** Characters an answer, mean. */
  length: number;
}

export interface ComparedAnswers {
  difference: PairedDifference;
  groups: number;
  before: Side;
  after: Side;
}

/** Items that either model got no answer for are left out. Throws DatasetInvalid for a line of another shape. */
export async function compareAnswers({ beforeUri, afterUri }: CompareAnswersInput): Promise<ComparedAnswers> {
  const pairs = await answeredByBoth(beforeUri, afterUri);
  const side = (which: 'before' | 'after'): Side => {
    const rows = pairs.map((pair) => pair[which]);
    return {
      validity: intervalOf(rows.map(({ group, valid }) => ({ group, score: valid ? 1 : 0 }))),
      length: rows.reduce((sum, { given }) => sum + (given?.length ?? 0), 0) / Math.max(1, rows.length),
    };
  };
  return {
    difference: pairedDifference(
      pairs.map(({ before, after }) => ({ group: before.group, before: before.score, after: after.score })),
    ),
    groups: new Set(pairs.map(({ before }) => before.group)).size,
    before: side('before'),
    after: side('after'),
  };
}

/** The rows of both, by item, in the order of the second. */
export async function answeredByBoth(
  beforeUri: string,
  afterUri: string,
): Promise<{ before: AnswerRow; after: AnswerRow }[]> {
  const before = new Map<string, AnswerRow>();
  for await (const row of parsedLines(beforeUri, AnswerRow)) if (row.outcome !== 'excluded') before.set(row.id, row);
  const pairs: { before: AnswerRow; after: AnswerRow }[] = [];
  for await (const after of parsedLines(afterUri, AnswerRow)) {
    const first = before.get(after.id);
    if (first && after.outcome !== 'excluded') pairs.push({ before: first, after });
  }
  return pairs;
}
