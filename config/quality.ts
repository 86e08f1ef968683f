import { z } from 'zod';

const cost = (by: number, says: string) => z.number().min(0).max(1).default(by).describe(says);

/** How far an answer can be trusted (R15): what each finding costs of 1, and how the fine stage is chosen (methods M9). */
export const QualitySettings = z
  .strictObject({
    costs: z
      .strictObject({
        source: cost(0.3, 'Of a source of the lowest trust; others in proportion.'),
        conflict: cost(0.5, 'Another record gives another answer to the same pictures and question.'),
        nearDuplicate: cost(0.1, 'A near picture or text is there more than once.'),
        disagreement: cost(0.4, 'No run of a model agrees with the answer; others in proportion.'),
        repair: cost(0.05, 'Each repair of the row, three at most.'),
        rewritten: cost(0.1, 'A model wrote or changed the answer, and no person has accepted it.'),
        loss: cost(0.4, 'The loss stays high after the others are learnt: four deviations; none at two.'),
      })
      .prefault({}),
    fineShare: z
      .number()
      .positive()
      .max(1)
      .default(0.5)
      .describe(
        'Share of the training records, the best, that the fine stage uses; equals of the last are in it too (R14).',
      ),
    finePerSlice: z
      .int()
      .nonnegative()
      .default(10)
      .describe('Records of each kind of question in it at least, or all.'),
    fineLeast: z.int().positive().default(50).describe('Below so many the fine stage uses all records (M9).'),
    fineReplay: z.number().min(0).max(1).default(0.1).describe('Records of the rest mixed in, as a share of it (M9).'),
  })
  .prefault({});
export type QualitySettings = z.infer<typeof QualitySettings>;
