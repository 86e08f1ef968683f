import { z } from 'zod';

/** What a receiver is told: the body of the call. */
export const WebhookEvent = z.strictObject({
  type: z.string().describe('retrain.first, .promoted, .kept, .refused or .failed.'),
  task: z.string(),
  run: z.string(),
  reason: z.string(),
  version: z.int().describe('Of the task’s history of champions.'),
  champion: z.string().nullable().describe('URI of the model that serves now.'),
});
export type WebhookEvent = z.infer<typeof WebhookEvent>;
