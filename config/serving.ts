import { z } from 'zod';

/** The model server contract, twin of the training contract: serve(model) → endpoint, adopted by key. */
export const ServeSpec = z.strictObject({
  key: z.string().min(1).describe('The same key adopts the running server.'),
  model: z.string().describe('Folder of a whole model (adapters are merged before).'),
});
export type ServeSpec = z.infer<typeof ServeSpec>;

/** An OpenAI-compatible endpoint. The key itself never travels: the name of its environment variable does. */
export const Endpoint = z.strictObject({
  baseUrl: z.url(),
  model: z.string(),
  apiKeyVariable: z.string().nullable().default(null),
  server: z.string().nullable().default(null).describe('Key of a server of ours behind it; null for somebody else’s.'),
});
export type Endpoint = z.infer<typeof Endpoint>;

/** How answers are drawn: the same at prompting, evaluation and in use. One digest of it is recorded. */
export const Decoding = z.strictObject({
  temperature: z.number().min(0).max(2).default(0).describe('0 takes the likeliest token each time.'),
  maximumTokens: z.int().positive().default(64).describe('Always sent: a server’s default of 16 cuts answers.'),
});
export type Decoding = z.infer<typeof Decoding>;
