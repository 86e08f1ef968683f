import { z } from 'zod';

/** What a run may cost. A cap that is not there sets no limit. */
const caps = {
  money: z.number().positive().optional().describe('In the currency of the prices; needs prices.trainerHour.'),
  trainerHours: z
    .number()
    .positive()
    .optional()
    .describe('Hours that trainers ran, added up where several run at once.'),
  wallClock: z
    .number()
    .positive()
    .optional()
    .describe('Hours from the start of the run, without those in which it waited for a person.'),
};
export const BudgetCaps = z.strictObject(caps);
export type BudgetCaps = z.infer<typeof BudgetCaps>;

const price = z.number().nonnegative().optional();

/** In any one currency; a price that is not there counts as 0. */
export const Prices = z.strictObject({
  trainerHour: price.describe('Of an hour of one trainer, that is of the machine it takes.'),
  millionPromptTokens: price.describe('Of a million tokens sent to the task’s own endpoint.'),
  millionAnswerTokens: price.describe('Of a million tokens that it answers.'),
});
export type Prices = z.infer<typeof Prices>;

export const BudgetSettings = z.strictObject({
  ...caps,
  prices: Prices.optional().describe('What things cost, in a currency of your choice.'),
});
export type BudgetSettings = z.infer<typeof BudgetSettings>;

const saidBy = {
  by: z.string().default('a person').describe('Who says so, for the report.'),
  why: z.string().default('not said').describe('The reason, for the report.'),
};

/** The update `extendBudget`: new caps in place of those named; they are totals, and not what is added. */
export const ExtendBudget = z.strictObject({ ...caps, ...saidBy });
export type ExtendBudget = z.infer<typeof ExtendBudget>;

/** The update `stop`: no more training, and on with what is there. */
export const StopTraining = z.strictObject(saidBy);
export type StopTraining = z.infer<typeof StopTraining>;

export const Spent = z.strictObject({
  money: z.number().nullable().describe('null where there is no price of an hour.'),
  trainerHours: z.number(),
  wallClock: z.number(),
});
export type Spent = z.infer<typeof Spent>;

/** What a run may train and ask at most, if no step stops it. */
export const Estimate = z.strictObject({
  rows: z.int().describe('Read, before any check.'),
  trainRows: z.int(),
  stages: z.array(z.strictObject({ name: z.string(), samples: z.int().describe('Business and generic.') })),
  questions: z.int().describe('Asked of a model, business and generic, all steps together.'),
  samplesPerSecond: z.number().nullable().describe('null where the speed of this model is not known.'),
  speed: z.string(),
});
export type Estimate = z.infer<typeof Estimate>;

/** How a run stands to its budget, as report, query and current details show it. */
export const BudgetStanding = z.strictObject({ caps: BudgetCaps, prices: Prices.nullable(), spent: Spent });
export type BudgetStanding = z.infer<typeof BudgetStanding>;

/** What a training tells its run: that it wants to train, that it trains and what it has spent, that it has ended. */
export const MeterReading = z.strictObject({
  job: z.string().describe('The key of its job: what was trained once counts once.'),
  training: z.string(),
  step: z.string(),
  workflowId: z.string(),
  state: z.enum(['asks', 'trains', 'ended']),
  seconds: z.number().describe('That its trainers ran so far, all attempts, their starts included.'),
  pace: z
    .strictObject({ seconds: z.number(), steps: z.int() })
    .describe('Optimizer steps so far and the time they took, starts left out.'),
  stepsLeft: z.int().describe('To its planned end; 0 where that is not known yet.'),
  samplesPerStep: z.int(),
});
export type MeterReading = z.infer<typeof MeterReading>;
