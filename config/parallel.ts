import { z } from 'zod';

const count = z.int().positive();

/** The figures of a model that its memory follows from; the vision tower counts as parameters only. */
export const ModelShape = z.strictObject({
  parameters: count,
  expertParameters: z.int().nonnegative().describe('Of these, those of experts; 0 for a dense model.'),
  experts: z.int().nonnegative(),
  layers: count,
  hidden: count,
  heads: count,
  keyValueHeads: count,
  vocabulary: count,
});
export type ModelShape = z.infer<typeof ModelShape>;
