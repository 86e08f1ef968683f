/** What several answers to one question say together, and against the label (methods M4). Orders a queue; changes nothing. */
import type { AnswerKind } from '../../../config/evaluation.js';
import type { Agreement } from '../../../config/rewriting.js';
import { scoreAnswer } from '../scoring/score.js';
import { hasForm } from './formFix.js';

export interface Agreed {
  /** The answer that most runs gave, as the first of them wrote it. */
  answer: string;
  agreement: Agreement;
  /** 0: all runs agree on one answer other than the label. Larger for fewer, and for runs that gave the label. */
  rank: number;
}

/** Whether the scorer takes one answer for the other, whichever of them is expected. */
export function sameAnswer(kind: AnswerKind, one: string, other: string): boolean {
  return scoreAnswer(kind, one, other).repaired === 1 || scoreAnswer(kind, other, one).repaired === 1;
}

/**
 * The answer that most runs gave, other than the label where there is one. Null where no run gave another answer, or
 * where, with a label, fewer than half of the runs agree on one: then the model contradicts itself, not the label.
 */
export function agreedAnswer(kind: AnswerKind, runs: readonly string[], label: string | null): Agreed | null {
  const classes: string[][] = [];
  let forLabel = 0;
  for (const run of runs) {
    if (label !== null && sameAnswer(kind, label, run)) {
      forLabel += 1;
      continue;
    }
    const known = classes.find(([first = '']) => sameAnswer(kind, first, run));
    if (known) known.push(run);
    else classes.push([run]);
  }
  const most = classes.reduce<string[]>((best, each) => (each.length > best.length ? each : best), []);
  const answer = most.find((each) => hasForm(kind, each)) ?? most[0];
  if (answer === undefined) return null;
  if (label !== null && 2 * most.length <= runs.length) return null;
  const agreement = { agree: most.length, of: runs.length, label: forLabel };
  return { answer, agreement, rank: Math.min(9, 2 * (runs.length - most.length) + forLabel) };
}
