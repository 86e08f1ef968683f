import { z } from 'zod';
import { LossChange, TrainingSpec } from './training.js';

/** Weight averaging of a base and its tuned form (R12, methods M8): what is asked of the trainer's process, and its figures. */

/** Of the tuning, what an average keeps: base + share × (tuned - base). */
const share = z.number().min(0).max(1);

export const AveragesSpec = z.strictObject({
  schema: z.literal('anneal.averages/1'),
  training: TrainingSpec.describe('The training that made the tuned form: its held-out sets, method and precision.'),
  base: z.string().describe('Folder of the base model.'),
  tuned: z.string().describe('Folder of the checkpoint: a whole model, or an adapter on the base.'),
  shares: z.array(share).min(1).describe('Base (0) and tuned form (1) are measured besides.'),
});
export type AveragesSpec = z.infer<typeof AveragesSpec>;

/** null stands for NaN or infinity. */
const bySet = z.record(z.string(), z.number().nullable());

export const AveragesFigures = z.strictObject({
  schema: z.literal('anneal.averagesFigures/1'),
  averages: z.array(
    z.strictObject({
      share,
      losses: bySet.describe('Mean answer loss by set, nats per answer token, mean over items.'),
      standardErrors: bySet,
      exact: z
        .record(z.string(), z.number())
        .describe('Share of items whose whole answer is the teacher-forced argmax.'),
      itemLosses: z.record(z.string(), bySet).describe('By set, and in it by record.'),
    }),
  ),
});
export type AveragesFigures = z.infer<typeof AveragesFigures>;

/** One average as a workflow sees it. */
export const AverageScore = z.strictObject({
  share,
  losses: bySet,
  exact: z.record(z.string(), z.number()),
  fromBase: z.record(z.string(), LossChange.nullable()).describe('By set, over the base’s loss on the same items.'),
  fromTuned: z.record(z.string(), LossChange.nullable()).describe('By set, over the tuned form’s.'),
});
export type AverageScore = z.infer<typeof AverageScore>;
