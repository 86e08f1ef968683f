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
  /** Items that one of them got no answer for, of all that both were asked. */
  excluded: number;
  before: Side;
  after: Side;
}

/** Items that either model got no answer for are left out. Throws DatasetInvalid for a line of another shape. */
export async function compareAnswers({ beforeUri, afterUri }: CompareAnswersInput): Promise<ComparedAnswers> {
  const { pairs, excluded } = await bothAnswers(beforeUri, afterUri);
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
    excluded,
    before: side('before'),
    after: side('after'),
  };
}

export interface BothAnswers {
  /** The rows of both, by item, in the order of the second. */
  pairs: { before: AnswerRow; after: AnswerRow }[];
  /** Items that both were asked and one of them got no answer for. */
  excluded: number;
}

export async function bothAnswers(beforeUri: string, afterUri: string): Promise<BothAnswers> {
  const before = new Map<string, AnswerRow>();
  for await (const row of parsedLines(beforeUri, AnswerRow)) before.set(row.id, row);
  const pairs: BothAnswers['pairs'] = [];
  let excluded = 0;
  for await (const after of parsedLines(afterUri, AnswerRow)) {
    const first = before.get(after.id);
    if (!first) continue;
    if (first.outcome === 'excluded' || after.outcome === 'excluded') excluded += 1;
    else pairs.push({ before: first, after });
  }
  return { pairs, excluded };
}
