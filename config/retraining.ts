import { z } from 'zod';
import { DatasetRef } from './records.js';
import { BoostInput } from './task.js';

/** Where rounds are told of: an address of the user's, and the name of the variable that holds the key to sign with. */
export const Webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Address that is sent a POST with JSON. Redirects are not followed.'),
  secretVariable: z
    .string()
    .default('ANNEAL_WEBHOOK_SECRET')
    .describe(
      'Environment variable of the recipe worker with the key to sign with; the key itself is never written down.',
    ),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe('Whether the address may be one of the own network, this machine included.'),
});
export type Webhook = z.infer<typeof Webhook>;

/** The numbers of a retraining round (methods M13). */
export const RetrainSettings = z.strictObject({
  minimumNew: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe('New training records over those of the champion, from which on a round trains; drift or not.'),
  alpha: z
    .number()
    .positive()
    .max(0.2)
    .default(0.05)
    .describe('Chance of a promotion without a gain, over all rounds of a task together.'),
  windowMargin: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe('On the new items a cheaper challenger may be worse by less than this, as a share.'),
  anchorMargin: z
    .number()
    .positive()
    .max(1)
    .default(0.02)
    .describe('On the frozen test a challenger may be worse by less than this, as a share.'),
  genericMargin: z.number().positive().max(1).default(0.02).describe('The same for general ability.'),
  sliceMargin: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('A slice that is surely worse by this keeps the champion.'),
  sliceItems: z.int().positive().default(50).describe('Slices of fewer items are not judged.'),
  formatValidity: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Lower bound of the challenger’s share of answers in the wanted form; the task’s target where it is not said. 0.99 takes 380 answers.',
    ),
  driftAlpha: z
    .number()
    .positive()
    .max(0.2)
    .default(0.01)
    .describe('Chance of calling new data different that is not, over all figures looked at.'),
  approval: z
    .enum(['none', 'wait'])
    .default('none')
    .describe('Whether a promotion waits for the update approve of a person.'),
  approvalHours: z
    .number()
    .nonnegative()
    .default(0)
    .describe('How long it waits; then the champion stays. 0: without end.'),
  webhook: Webhook.optional().describe('Told how each round ended that did more than find nothing new.'),
});
export type RetrainSettings = z.infer<typeof RetrainSettings>;

/** The one argument of the workflow `retrain`: that of `boost`, and the numbers of the round. */
export const RetrainInput = z.strictObject({
  ...BoostInput.omit({ keepSplitsOf: true }).shape,
  retrain: RetrainSettings.prefault({}).describe('Settings of the round itself.'),
});
export type RetrainInput = z.infer<typeof RetrainInput>;

/** An input that works as it stands, for error messages and forms. */
export const exampleRetrainInput = { task: 'examples/digits', onQuestion: 'stop', retrain: { approval: 'wait' } };

/** The update `approve`: a person's word on a challenger that won. */
export const Approval = z.strictObject({
  promote: z.boolean().describe('Whether the challenger takes the champion’s place.'),
  by: z.string().default('a person'),
  why: z.string().default('not said'),
});
export type Approval = z.infer<typeof Approval>;

/** A model that serves, or served, a task. */
export const Champion = z.strictObject({
  modelUri: z.string().describe('Folder of the whole model.'),
  run: z.string().describe('The run that trained it.'),
  dataset: DatasetRef,
});
export type Champion = z.infer<typeof Champion>;

/** How a round ended, or what a person did. */
export const roundVerdicts = ['first', 'promoted', 'kept', 'refused', 'rolledBack'] as const;

/** What a round was about. */
const Round = z.strictObject({
  dataset: DatasetRef,
  keptSplitsOf: z.string().nullable().describe('URI of the dataset whose splits its build kept.'),
  contest: z.boolean().describe('Whether test items were spent: it counts for alpha.'),
  challenger: Champion.nullable(),
  anchorScores: z
    .strictObject({ champion: z.number(), challenger: z.number() })
    .nullable()
    .describe('Shares right on the frozen test, asked in this round.'),
});

/** One line of a task's history: what happened, and who is champion from then on. `champion.json` is the last one. */
export const ChampionEntry = z.strictObject({
  schema: z.literal('anneal.champion/1'),
  task: z.string(),
  version: z.int().positive().describe('Counts up by one.'),
  key: z.string().describe('Of the round or the command; the same one is written once.'),
  verdict: z.enum(roundVerdicts),
  reason: z.string(),
  by: z.string().describe('retrain, or who it was.'),
  at: z.iso.datetime(),
  champion: Champion.nullable(),
  round: Round.nullable().describe('null for a person’s command.'),
});
export type ChampionEntry = z.infer<typeof ChampionEntry>;

/** What `retrain` returns. `unchanged` and `waits` leave no line in the history. */
export const RetrainResult = z.strictObject({
  run: z.string(),
  verdict: z.enum(['unchanged', 'waits', ...roundVerdicts]).exclude(['rolledBack']),
  reason: z.string(),
  champion: Champion.nullable(),
  version: z.int().nonnegative().describe('Of the history after the round; 0: there is none yet.'),
  challengerRun: z.string().nullable(),
  webhook: z.string().nullable().describe('What became of the call; null where none was wished.'),
});
export type RetrainResult = z.infer<typeof RetrainResult>;
