import type { Decision } from '../../../config/decisions.js';
import type { RecordFigures, Sided } from '../../../config/probing.js';
import { lowerShareMidP } from '../statistics/exact.js';
import { percent } from '../wording.js';
import { type Cause, named } from './causes.js';

/** From when on a property explains why records stay wrong (methods M5). */
const limits = {
  /** Wrong records at least; with fewer there is nothing to explain. */
  wrong: 3,
  /** Share of the wrong ones that have it. */
  share: 0.5,
  /** One-sided p that they have it no more often than the right ones. */
  significance: 0.01,
  /** Wrong answers that have a neighbour, at least, for the shift test. */
  tested: 8,
  /** Answers that fit the neighbour beyond chance: as a share of the wrong ones, and in standard deviations. */
  shifted: 0.05,
  deviations: 4,
  /** Probability of so long a run of wrong records, and its least length. */
  run: 1e-4,
  runLength: 8,
};

/** Which records stay wrong: contradicted or cut off; null where they are like the others. */
export function recordCause(records: RecordFigures): Decision<Cause> | null {
  const { asked, wrong, conflicts, truncated } = records;
  const evidence = { asked, wrong };
  const of = (n: number) => `${n} of the ${wrong} records that stay wrong`;
  if (explains(conflicts, records))
    return named(
      'data:conflicts',
      `${of(conflicts.wrong)} have the pictures and the question of a record with another answer: nobody can repeat both.`,
      { ...evidence, conflicts: conflicts.wrong, conflictsRight: conflicts.right },
      conflicts.ids,
    );
  if (explains(truncated, records))
    return named(
      'data:truncatedAnswers',
      `${of(truncated.wrong)} have an answer that breaks its own form or ends within a word.`,
      { ...evidence, truncated: truncated.wrong, truncatedRight: truncated.right },
      truncated.ids,
    );
  return null;
}

/** Which records are joined to the wrong picture: by one place, or a block of them. Null where none are. */
export function joinCause(records: RecordFigures): Decision<Cause> | null {
  const { asked, wrong, run } = records;
  const shift = shiftCause(records);
  if (shift) return shift;
  if (run.longest >= limits.runLength && run.chance < limits.run)
    return named(
      'data:wrongImage',
      `${run.longest} records in a row of the source stay wrong: a block of them has other pictures or answers.`,
      { asked, wrong, longest: run.longest, chance: run.chance },
      run.ids,
    );
  return null;
}

/** Wrong answers that are right for the record beside theirs in the source; null where they are no more so than by chance. */
export function shiftCause({ neighbour }: RecordFigures): Decision<Cause> | null {
  const { tested, fits, expected, deviation, side, otherFits = 0 } = neighbour;
  // Where a source is a sequence both neighbours are alike; a join that is off by one has one side.
  const excess = fits - Math.max(expected, otherFits);
  if (
    tested >= limits.tested &&
    excess > limits.shifted * tested &&
    excess > limits.deviations * Math.max(deviation, 0.5)
  )
    return named(
      'data:wrongImage',
      `${fits} of ${tested} wrong answers are right for the record ${side} in the source (${percent(expected / tested)} by chance): pictures and answers are joined off by one.`,
      { tested, fits, expected, side },
      neighbour.ids,
    );
  return null;
}

/** Most of the wrong records have it, and more often than the right ones. */
export function explains(side: Pick<Sided, 'wrong' | 'right'>, totals: { asked: number; wrong: number }): boolean {
  const right = { right: side.right, n: totals.asked - totals.wrong };
  const wrong = { right: side.wrong, n: totals.wrong };
  if (wrong.right < limits.wrong || wrong.right < limits.share * wrong.n) return false;
  return right.n === 0 || lowerShareMidP(right, wrong) < limits.significance;
}
