/** Trainer against server, item by item: templates, pixels or precision that differ show here. */
import { z } from 'zod';
import { type AnswerKind, AnswerRow } from '../../config/evaluation.js';
import type { Parity } from '../../config/report.js';
import { scoreAnswer } from '../../workflows/policies/scoring/score.js';
import { parsedLines } from './lines.js';

export interface CompareParityInput {
  /** Lines of `{id, answer}` by the trainer's own code. */
  offlineUri: string;
  /** Lines of AnswerRow of the served model. */
  answersUri: string;
  answer: AnswerKind;
}

const OfflineAnswer = z.looseObject({ id: z.string(), answer: z.string() });

/** Characters of an answer that the first difference shows. */
const shownCharacters = 120;

/**
 * A probe is an id that both sides answered; items excluded by transport faults are none. Answers agree when their text is
 * equal after trimming. Both sides are scored by the same scorer. Throws DatasetInvalid for a line of another shape.
 */
export async function compareParity({ offlineUri, answersUri, answer }: CompareParityInput): Promise<Parity> {
  const offline = new Map<string, string>();
  for await (const line of parsedLines(offlineUri, OfflineAnswer)) offline.set(line.id, line.answer);
  const parity: Parity = { probes: 0, agree: 0, trainerScore: 0, servedScore: 0, firstDifference: null };
  for await (const { id, expected, given, outcome, answerKind } of parsedLines(answersUri, AnswerRow)) {
    const trainer = offline.get(id);
    if (trainer === undefined || outcome === 'excluded') continue;
    parity.probes += 1;
    parity.trainerScore += scoreAnswer(answerKind ?? answer, expected, trainer).score;
    parity.servedScore += scoreAnswer(answerKind ?? answer, expected, given).score;
    if (trainer.trim() === given?.trim()) parity.agree += 1;
    else parity.firstDifference ??= `${id}: the trainer said ${shown(trainer)}, the server said ${shown(given)}.`;
  }
  const probes = Math.max(1, parity.probes);
  return { ...parity, trainerScore: parity.trainerScore / probes, servedScore: parity.servedScore / probes };
}

function shown(answer: string | null): string {
  if (answer === null) return 'nothing';
  return JSON.stringify(answer.length > shownCharacters ? `${answer.slice(0, shownCharacters)}…` : answer);
}
