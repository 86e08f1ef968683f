/** Which answers the report shows: failures first, and not twelve of the same kind. */
import type { AnswerRow } from '../../config/evaluation.js';

/** Examples shown at most: after tuning, and before it where there is an after. */
export const mostExamples = { after: 12, beforeAfter: 6 } as const;

/**
 * The lowest scores first; among equals one of each expected answer before a second of any, then the order of the file.
 * Excluded items were never answered, so they are no examples.
 */
export function chooseExamples(rows: readonly AnswerRow[], most: number): AnswerRow[] {
  const seen = new Map<string, number>();
  const ranked = rows
    .filter(({ outcome }) => outcome !== 'excluded')
    .map((row) => {
      const key = `${row.score} ${row.expected}`;
      const round = seen.get(key) ?? 0;
      seen.set(key, round + 1);
      return { row, round };
    });
  ranked.sort((left, right) => left.row.score - right.row.score || left.round - right.round);
  return ranked.slice(0, most).map(({ row }) => row);
}
