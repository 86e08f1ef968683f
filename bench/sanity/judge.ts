/** From the figures of one planted training to the verdict that a run would give, by the run's own policies. */
import { z } from 'zod';
import { AnswerKind, type AnswerRow, type Evaluation } from '../../config/evaluation.js';
import { ProbeFigures } from '../../config/probing.js';
import { judgeTrained } from '../../workflows/policies/sanity/judge.js';
import { type Given, type KnownRecord, recordFigures } from '../../workflows/policies/sanity/recordFigures.js';
import { startVerdict } from '../../workflows/policies/sanity/start.js';
import { sanityVerdict } from '../../workflows/policies/sanityVerdict.js';
import { scoreAnswer } from '../../workflows/policies/scoring/score.js';
import { summariseAnswers } from '../../workflows/policies/scoring/summary.js';

const PlantedRecord = z.object({
  id: z.string(),
  group: z.string(),
  pictures: z.string(),
  question: z.string(),
  expected: z.string(),
  trained: z.boolean(),
  place: z.int(),
});

/** One line of plant.py. */
export const PlantedCase = z.object({
  kind: z.string(),
  seed: z.int(),
  start: ProbeFigures,
  trained: ProbeFigures.nullable(),
  records: z.array(PlantedRecord),
  answer: AnswerKind,
  served: z.record(z.string(), z.string()),
  losses: z.array(z.number().nullable()),
});
export type PlantedCase = z.infer<typeof PlantedCase>;

const limits = { ceiling: 0.9, floor: 0.8, conflictShare: 0 };
const overfitLoss = 0.02;

/** `healthy` for a set that is repeated. */
export function verdictOf(planted: PlantedCase): { verdict: string; reason: string } {
  const records: KnownRecord[] = planted.records.map((record) => ({ ...record, kind: planted.answer }));
  const start = startVerdict(planted.start, recordFigures(records, new Map()));
  if (start.verdict !== 'healthy') return start;
  const chance = largestShare(records.filter(({ trained }) => trained));
  const training = evaluationOf(records, planted, true);
  const score = sanityVerdict(training, evaluationOf(records, planted, false), limits, chance);
  const { verdict, reason } = judgeTrained(score, {
    probes: planted.trained,
    records: recordFigures(records, scoresOf(records, planted)),
    losses: planted.losses.map((loss) => loss ?? Number.NaN),
    overfitLoss,
    chance,
  });
  return { verdict: verdict === 'canRepeat' ? 'healthy' : verdict, reason };
}

function scoresOf(records: readonly KnownRecord[], { served }: PlantedCase): Map<string, Given> {
  const asked = records.filter(({ id }) => id in served);
  return new Map(
    asked.map(({ id, kind, expected }) => {
      const given = served[id] ?? null;
      return [id, { given, score: scoreAnswer(kind, expected, given).score }];
    }),
  );
}

function evaluationOf(records: readonly KnownRecord[], { served }: PlantedCase, trained: boolean): Evaluation {
  const rows = records
    .filter((each) => each.trained === trained && each.id in served)
    .map((each): AnswerRow => {
      const given = served[each.id] ?? null;
      const { score, valid } = scoreAnswer(each.kind, each.expected, given);
      const { id, group, question, expected } = each;
      const nothing = { slice: null, image: null, reason: null, promptTokens: 1, completionTokens: 1, milliseconds: 1 };
      return { id, group, question, expected, given, outcome: 'answered', score, valid, repaired: score, ...nothing };
    });
  return summariseAnswers(rows, { name: 'sanity', answersUri: '', decodingDigest: '', seconds: 1 });
}

function largestShare(records: readonly KnownRecord[]): number {
  const counts = new Map<string, number>();
  for (const { expected } of records) counts.set(expected, (counts.get(expected) ?? 0) + 1);
  return Math.max(0, ...counts.values()) / Math.max(1, records.length);
}
