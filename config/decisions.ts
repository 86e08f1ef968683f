import { z } from 'zod';

/** What every policy returns. `cannotTell` is a verdict like any other and says what would settle it. */
export interface Decision<Verdict extends string> {
  verdict: Verdict;
  /** One sentence that a user can read, with the figures in it. */
  reason: string;
  /** The figures: numbers, and short strings. No lists that grow with the data. */
  evidence: Record<string, number | string | boolean | null>;
  /** For `cannotTell`: what would settle it and what that costs. */
  settles?: string;
}

/** A decision as the run records it. */
export const RecordedDecision = z.strictObject({
  id: z.string().describe('Unique in the run: step and policy, such as promptFirst or sweep/trial-2/watchdog.'),
  step: z.string(),
  rules: z.array(z.string().regex(/^R\d+$/)),
  verdict: z.string(),
  reason: z.string(),
  evidence: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  settles: z.string().nullable(),
  overruled: z.strictObject({ verdict: z.string(), by: z.string(), why: z.string() }).nullable(),
  at: z.string().describe('ISO 8601, the workflow’s clock.'),
});
export type RecordedDecision = z.infer<typeof RecordedDecision>;

/** A share with its interval: Wilson on the effective n (methods M1). */
export const Interval = z.strictObject({
  mean: z.number(),
  lower: z.number(),
  upper: z.number(),
  n: z.int().nonnegative(),
  groups: z.int().nonnegative(),
});
export type Interval = z.infer<typeof Interval>;

/** The update `overrule`: replaces the verdict of a decision, taken or still to come. */
export const Overrule = z.strictObject({
  decision: z.string().describe('The id of the decision, such as promptFirst.'),
  verdict: z.string(),
  by: z.string().default('a person'),
  why: z.string().default('not said'),
});
export type Overrule = z.infer<typeof Overrule>;
