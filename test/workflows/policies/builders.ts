import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Interval } from '../../../config/decisions.js';
import type { AnswerRow, Evaluation } from '../../../config/evaluation.js';
import type { EvaluationPoint, TrainingEvent } from '../../../config/training.js';
import { intervalOf } from '../../../workflows/policies/statistics/interval.js';
import { normalDraw, uniformFrom } from '../../../workflows/policies/statistics/random.js';

const cases = path.join(import.meta.dirname, '../../fixtures/cases');

/** The whole lines of a case's JSON Lines file; a half-written last line is left out, as a reader does. */
export function caseLines(file: string): string[] {
  const bytes = readFileSync(path.join(cases, file));
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.slice(0, text.lastIndexOf('\n')).split('\n');
}

export function caseRows<Row>(file: string): Row[] {
  return caseLines(file).map((line) => JSON.parse(line) as Row);
}

/** Standard normal draws. */
export function normalFrom(seed: number): () => number {
  const random = uniformFrom(seed);
  return () => normalDraw(random);
}

/** An interval of `right` out of n independent items. */
export function shareOf(right: number, n: number): Interval {
  return intervalOf(Array.from({ length: n }, (_, item) => ({ group: `g${item}`, score: item < right ? 1 : 0 })));
}

export function evaluationOf(figures: Partial<Evaluation> = {}): Evaluation {
  const score = figures.score ?? shareOf(380, 400);
  return {
    name: 'test',
    answersUri: 'file:///answers.jsonl',
    asked: score.n + (figures.excluded ?? 0),
    excluded: 0,
    cut: 0,
    refused: 0,
    score,
    validity: shareOf(score.n, score.n),
    contentWhenValid: score.mean,
    repaired: score.mean,
    majorityBaseline: 0.1,
    balanced: null,
    balancedInterval: null,
    bySlice: {},
    decodingDigest: 'd',
    promptTokens: 0,
    completionTokens: 0,
    seconds: 1,
    ...figures,
  };
}

export function rowOf(fields: Partial<AnswerRow> = {}): AnswerRow {
  const score = fields.score ?? 1;
  return {
    id: 'r',
    group: fields.id ?? 'r',
    slice: null,
    question: 'Which digit?',
    image: null,
    expected: '7',
    given: '7',
    outcome: 'answered',
    reason: null,
    valid: true,
    score,
    repaired: score,
    promptTokens: 20,
    completionTokens: 2,
    milliseconds: 5,
    ...fields,
  };
}

/** Points a third of an epoch apart, from step 0. */
export function pointsOf(series: Record<string, readonly number[]>, exact: readonly number[] = []): EvaluationPoint[] {
  const length = Math.max(...Object.values(series).map((values) => values.length));
  return Array.from({ length }, (_, index) => ({
    step: index * 10,
    epoch: index / 3,
    losses: Object.fromEntries(Object.entries(series).map(([set, values]) => [set, values[index] ?? null])),
    standardErrors: {},
    exact: exact[index] === undefined ? {} : { validation: exact[index] },
  }));
}

interface LoggedLine {
  event: 'started' | 'step' | 'evaluation';
  step: number;
  time: number;
  loss?: number;
  gradNorm?: number;
  sets?: Record<string, number>;
}

const stepsPerEpoch = 20;

/** Our event for a line of the recorded logs of case 32, which are of an older form; NaN becomes null as in our schema. */
function eventOf({ event, step, time, loss, gradNorm, sets }: LoggedLine): TrainingEvent {
  const epoch = step / stepsPerEpoch;
  if (event === 'started') {
    const samples = { business: 640, generic: 0 };
    const about = { device: 'cpu', precision: 'float32', trainableParameters: 1, samples };
    return { event, time, attempt: 1, step, pid: 1, totalSteps: 100, stepsPerEpoch, ...about };
  }
  if (event === 'step') {
    const figures = {
      loss: Number.isFinite(loss) ? Number(loss) : null,
      gradNorm: Number.isFinite(gradNorm) ? Number(gradNorm) : null,
    };
    return { event, time, attempt: 1, step, epoch, learningRate: 1e-4, samplesPerSecond: null, ...figures };
  }
  return { event, time, attempt: 1, step, epoch, losses: sets ?? {}, standardErrors: {}, exact: {}, itemLosses: '' };
}

/** A recorded log of case 32 as our events. */
export function loggedEvents(name: string): TrainingEvent[] {
  const lines = caseLines(`32-event-logs/${name}.jsonl`).map((line) => line.replace(/\bNaN\b/g, 'null'));
  return lines.map((line) => eventOf(JSON.parse(line) as LoggedLine));
}
