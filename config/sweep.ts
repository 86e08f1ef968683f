import { z } from 'zod';
import { FrozenPart, TuningMethod } from './training.js';

/** What the step `sweep` searches and what it may cost (R10, methods M6). */
export const SweepSettings = z
  .strictObject({
    learningRates: z
      .array(z.number().positive())
      .min(1)
      .default([5e-6, 1e-5, 2e-5, 4e-5])
      .describe('Log grid around the default (M6).'),
    epochs: z
      .number()
      .positive()
      .default(3)
      .describe('Epochs that the trials are compared at: those of the last rung.'),
    extendAtEdge: z.boolean().default(true).describe('A best value at the grid’s edge extends the grid by one step.'),
    minimumEffect: z
      .number()
      .nonnegative()
      .default(0.01)
      .describe('Relative difference of validation loss that counts.'),
    trials: z
      .int()
      .nonnegative()
      .default(0)
      .describe('Settings tried by successive halving at most, the rates among them; 0 compares the rates alone (M6).'),
    batchSizes: z
      .array(z.int().positive())
      .default([])
      .describe('Batch sizes that trials may have; none leaves training.batchSize.'),
    loraRanks: z
      .array(z.int().positive())
      .default([])
      .describe('Ranks that trials by LoRA may have; none leaves the trainer’s 16.'),
    methods: z
      .array(TuningMethod)
      .default([])
      .describe('Full tuning or LoRA, at ten times the rate, as trials may have it; none leaves training.method (M6).'),
    warmupRatios: z
      .array(z.number().min(0).max(0.5))
      .default([])
      .describe('Warm-ups that trials may have, as shares of all steps; none leaves the trainer’s 0.03.'),
    freeze: z
      .array(z.array(FrozenPart))
      .default([])
      .describe(
        'Parts that trials by full tuning may leave as they are, a list a choice such as [[], ["vision"]]; none leaves training.freeze.',
      ),
    activeExperts: z
      .array(z.int().positive())
      .default([])
      .describe('Experts that see each token, of a mixture; trials may have these, none leaves the model’s own.'),
    routerLoss: z
      .array(z.number().nonnegative())
      .default([])
      .describe('Weights of the loss that keeps a router of experts even; none leaves the model’s own.'),
    rateSpread: z
      .number()
      .min(1)
      .default(1)
      .describe(
        'Other trials have rates within this factor of the best one, scaled by the root of the batch (M6); 1 takes that rate alone.',
      ),
    proposals: z
      .enum(['sequence', 'random'])
      .default('sequence')
      .describe('Trials from a low-discrepancy sequence, or at random; both from the seed.'),
    eta: z.int().min(2).max(9).default(3).describe('Of so many trials one is promoted to the next rung (M6).'),
    finalists: z.int().positive().default(3).describe('Trials that the last rung has at least.'),
    seeds: z
      .int()
      .positive()
      .default(3)
      .describe('Seeds of a trial before it is called better than another; 1 measures no noise (M6).'),
    concurrency: z
      .int()
      .positive()
      .default(1)
      .describe('Trials trained at once: as many as the queue anneal-gpu has GPUs.'),
    budgetHours: z
      .number()
      .nonnegative()
      .default(0)
      .describe('Hours of trainers that halving may take, planned before each rung; 0 sets no limit.'),
    budgetSteps: z
      .int()
      .nonnegative()
      .default(0)
      .describe('Optimizer steps that halving may take, planned before each rung; 0 sets no limit.'),
  })
  .prefault({});
export type SweepSettings = z.infer<typeof SweepSettings>;

/** One setting of a training: what a trial of the sweep tries, and what the later steps train with. */
export const Tuning = z.strictObject({
  learningRate: z.number().positive(),
  batchSize: z.int().positive(),
  loraRank: z.int().positive().nullable().describe('null where all weights are trained.'),
  warmupRatio: z.number().min(0).max(0.5),
  method: TuningMethod.optional().describe('Where the sweep searched it; else training.method holds.'),
  freeze: z.array(FrozenPart).optional().describe('Where the sweep searched it; else training.freeze holds.'),
  activeExperts: z.int().positive().optional().describe('Of a mixture of experts; else as the model has it.'),
  routerLoss: z.number().nonnegative().optional().describe('Of a mixture of experts; else as the model has it.'),
});
export type Tuning = z.infer<typeof Tuning>;

/** A training of the sweep, as the report shows it. */
export const SweepTrial = z.strictObject({
  trial: z.string().describe('trial-1, in the order of the proposals.'),
  rung: z.int().positive(),
  seed: z.int().positive().describe('1 is the recipe’s own seed.'),
  tuning: Tuning,
  loss: z.number().nullable().describe('Lowest validation loss so far, nats a token.'),
  standardError: z.number().nullable(),
  fate: z.string().nullable().describe('Why it was promoted or not; null before that is decided.'),
});
export type SweepTrial = z.infer<typeof SweepTrial>;
