import { z } from 'zod';
import { BudgetStanding, Estimate } from './budget.js';
import { RecordedDecision } from './decisions.js';
import { Evaluation } from './evaluation.js';
import { DatasetRef } from './records.js';
import { ResolvedRecipe } from './resolved.js';
import { SweepTrial } from './sweep.js';
import { EvaluationPoint } from './training.js';

/** One training run as the report shows it. */
export const TrainingSummary = z.strictObject({
  name: z.string().describe('sanity, sweep/0.001, sweep/trial-3/rung-1, mix/10-1, coarse, fine.'),
  learningRate: z.number(),
  mix: z.string().describe('Both sides named: 10 business : 1 generic.'),
  samplesAnEpoch: z.strictObject({ business: z.int(), generic: z.int() }).nullable(),
  epochs: z.number(),
  curve: z.array(EvaluationPoint),
  eventsUri: z.string(),
  chosenStep: z.int().nullable(),
  stopped: z.string().nullable().describe('Why it ended before its planned end.'),
  seconds: z.number(),
  attempts: z.int(),
  trial: SweepTrial.optional().describe('Of a trial of successive halving (R10).'),
});
export type TrainingSummary = z.infer<typeof TrainingSummary>;

/** How often two ways to ask the same model gave the same answer. */
export const Agreement = z.strictObject({
  probes: z.int(),
  agree: z.int(),
  firstDifference: z.string().nullable(),
});
export type Agreement = z.infer<typeof Agreement>;

/** The parity gate: the same probes through trainer and server, and for LoRA through the merged model between them. */
export const Parity = z.strictObject({
  ...Agreement.shape,
  trainerScore: z.number(),
  servedScore: z.number(),
  merged: Agreement.nullish().describe('Adapter on its base against the merged model, both by the trainer.'),
});
export type Parity = z.infer<typeof Parity>;

/** The blind probe (R9): test questions with the pictures of other records, and with grey ones. */
export const Blind = z.strictObject({ swapped: Evaluation, blank: Evaluation });
export type Blind = z.infer<typeof Blind>;

/** What was tried to keep general ability (R12): a trained mix, or an average of one with the base. */
export const MixTrial = z.strictObject({
  training: z.string().describe('mix/10-1, or fine for what was averaged after the last stage.'),
  mix: z.string().describe('Both sides named: 10 business : 1 generic.'),
  way: z.string().nullable().describe('What else was done, such as half the rate.'),
  share: z.number().describe('Of the tuning, what is kept; 1 is no average.'),
  learningRate: z.number(),
  answerTokens: z.strictObject({ business: z.number(), generic: z.number() }).nullable().describe('An epoch.'),
  businessScore: z.number().nullable().describe('Share of validation items whose whole answer is the argmax.'),
  businessLoss: z.number().nullable(),
  genericBefore: z.number().nullable().describe('Generic score of the base, in the same measure.'),
  genericScore: z.number().nullable(),
  genericExcess: z.number().nullable().describe('Rise of the generic loss over the base, nats a token.'),
  genericExcessError: z.number().nullable().describe('Its standard error by items, where it was paired.'),
  standing: z.enum(['insideBudget', 'outsideBudget', 'businessFalls', 'notMeasured']),
  chosen: z.boolean(),
});
export type MixTrial = z.infer<typeof MixTrial>;

export const runStates = ['running', 'waiting', 'done', 'notSolved', 'failed', 'cancelled'] as const;

/** All facts of a run so far. The workflow passes this to `renderReport`; report.json holds it, with the details read from the URIs. */
export const ReportFacts = z.strictObject({
  schema: z.literal('anneal.report/1'),
  run: z.string(),
  workflowId: z.string(),
  state: z.enum(runStates),
  verdict: z.string().describe('The outcome in one sentence, or what is going on.'),
  step: z.string(),
  startedAt: z.string(),
  updatedAt: z.string(),
  recipe: ResolvedRecipe.nullable(),
  decisions: z.array(RecordedDecision),
  question: z.string().nullable().describe('What a person is asked now.'),
  business: DatasetRef.nullable(),
  generic: DatasetRef.nullable(),
  trainings: z.array(TrainingSummary),
  before: z.strictObject({ business: Evaluation.nullable(), generic: Evaluation.nullable() }),
  after: z.strictObject({ business: Evaluation.nullable(), generic: Evaluation.nullable() }),
  formats: Evaluation.nullable().optional().describe('After tuning, in the formats that the task wishes besides (R7).'),
  blind: Blind.nullable().optional().describe('After tuning, with pictures that say nothing of the answer (R9).'),
  parity: Parity.nullable(),
  mix: z.array(MixTrial).optional().describe('What was tried to keep general ability (R12).'),
  testReads: z.array(z.string()).describe('The ledger of reads of the test split, by decision.'),
  result: z
    .strictObject({
      kind: z.enum(['prompt', 'model']),
      modelUri: z.string().nullable(),
      endpointModel: z.string().nullable(),
    })
    .nullable(),
  steps: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
  estimate: Estimate.optional().describe('Made when the data was built, before anything was trained or asked.'),
  budget: BudgetStanding.optional().describe('Where the run has a budget.'),
  failure: z.string().nullable(),
});
export type ReportFacts = z.infer<typeof ReportFacts>;

/** What `boost` returns. */
export const BoostResult = z.strictObject({
  run: z.string(),
  outcome: z.enum(['promptEnough', 'tuned', 'notSolved']),
  verdict: z.string(),
  reportUri: z.string(),
  modelUri: z.string().nullable(),
  waitsForPerson: z.boolean().describe('It closed at a question that nobody answered.'),
});
export type BoostResult = z.infer<typeof BoostResult>;
