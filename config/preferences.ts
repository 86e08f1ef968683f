import { z } from 'zod';

/** Training on preferences (R3, methods M10). */
export const AlignSettings = z
  .strictObject({
    when: z
      .enum(['auto', 'off', 'on'])
      .default('auto')
      .describe('auto: where the figures say that preferences can help; on: whatever they say; off: nothing is asked.'),
    items: z.int().positive().default(500).describe('Items that the tuned model answers several times.'),
    fresh: z
      .boolean()
      .default(true)
      .describe('Items of dev, which no stage trained, come before those of train: these it may know by heart.'),
    samples: z.int().min(2).default(8).describe('Answers to each of them.'),
    temperature: z.number().positive().max(2).default(0.8).describe('Of those answers: at 0 all would be the same.'),
    minimumGain: z
      .number()
      .positive()
      .default(0.05)
      .describe(
        'Share right in one of so many answers over the share right at once; below, right ones are out of reach.',
      ),
    minimumShare: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe('Share of the errors that are of wording, length, extras or near misses.'),
    minimumPairs: z.int().positive().default(300).describe('Fewer pairs teach nothing but themselves.'),
    pairsPerItem: z.int().positive().default(2).describe('Of one item at most.'),
    lengthTolerance: z
      .number()
      .positive()
      .default(0.1)
      .describe('By how much chosen and rejected answers may differ in mean length.'),
    heldOut: z
      .number()
      .positive()
      .max(0.5)
      .default(0.1)
      .describe('Share of the groups whose pairs are not trained on.'),
    imagePairs: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.25)
      .describe('Share of the pairs that show one answer under two pictures, so that what is seen is not ignored.'),
    learningRate: z.number().positive().default(1e-6).describe('Peak learning rate; LoRA takes ten times that.'),
    epochs: z.number().positive().default(1).describe('Passes over the pairs.'),
    batchSize: z.int().positive().default(32).describe('Pairs an optimizer step.'),
    evaluationsPerEpoch: z.number().positive().default(4).describe('Evaluation points in each pass over the pairs.'),
    beta: z.number().positive().default(0.1).describe('How dearly leaving the supervised model is paid for.'),
    sftWeight: z.number().nonnegative().default(0.2).describe('Weight of the loss on the chosen answers.'),
    likelihoodFall: z
      .number()
      .positive()
      .default(0.1)
      .describe('Fall of the log-probability of chosen answers that stops it, as a share, twice in a row.'),
    accuracy: z
      .number()
      .positive()
      .max(1)
      .default(0.95)
      .describe('Share of held-out pairs told right that stops it where the score stays.'),
    likelihoodFloor: z
      .number()
      .nonnegative()
      .default(0.1)
      .describe('The same in nats an answer at least: a share of a value near zero is noise.'),
    scoreEffect: z
      .number()
      .nonnegative()
      .default(0.005)
      .describe('Rise of the validation score over three points below which it stays.'),
    growth: z.number().positive().default(0.15).describe('Growth of the mean answer length that is an alarm.'),
  })
  .prefault({});
export type AlignSettings = z.infer<typeof AlignSettings>;
