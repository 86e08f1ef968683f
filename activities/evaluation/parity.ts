/** Trainer, merged model and server, item by item: a merge, templates, pixels or precision that differ show here. */
import { z } from 'zod';
import { type AnswerKind, AnswerRow } from '../../config/evaluation.js';
import type { Agreement, Parity } from '../../config/report.js';
import { scoreAnswer } from '../../workflows/policies/scoring/score.js';
import { parsedLines } from './lines.js';

export interface CompareParityInput {
  /** Lines of `{id, answer}` by the trainer's own code. */
  offlineUri: string;
  /** The same by the merged model, where `offlineUri` holds the answers of an adapter on its base. */
  mergedUri?: string | null;
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
export async function compareParity(input: CompareParityInput): Promise<Parity> {
  const { offlineUri, mergedUri, answersUri, answer } = input;
  const offline = await answersById(offlineUri);
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
  return {
    ...parity,
    trainerScore: parity.trainerScore / probes,
    servedScore: parity.servedScore / probes,
    ...(mergedUri ? { merged: adapterBesideMerged(offline, await answersById(mergedUri)) } : {}),
  };
}

function adapterBesideMerged(adapter: Map<string, string>, merged: Map<string, string>): Agreement {
  const agreement: Agreement = { probes: 0, agree: 0, firstDifference: null };
  for (const [id, said] of adapter) {
    const after = merged.get(id);
    if (after === undefined) continue;
    agreement.probes += 1;
    if (said.trim() === after.trim()) agreement.agree += 1;
    else agreement.firstDifference ??= `${id}: the adapter said ${shown(said)}, the merged model said ${shown(after)}.`;
  }
  return agreement;
}

async function answersById(uri: string): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for await (const { id, answer } of parsedLines(uri, OfflineAnswer)) answers.set(id, answer);
  return answers;
}

function shown(answer: string | null): string {
  if (answer === null) return 'nothing';
  return JSON.stringify(answer.length > shownCharacters ? `${answer.slice(0, shownCharacters)}…` : answer);
}
