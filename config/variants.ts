import { z } from 'zod';

/** Languages that templates and word lists are there for; `auto` tells it by each question. */
export const languages = ['en', 'de', 'fr', 'es', 'zh', 'ja'] as const;
export type Language = (typeof languages)[number];
export const LanguageSetting = z.enum(['auto', ...languages]);
export type LanguageSetting = z.infer<typeof LanguageSetting>;

const common = {
  share: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of the training records that get this variant, chosen by the hash of seed and id.'),
  evaluate: z
    .boolean()
    .default(false)
    .describe('Whether test records get it too, in a set of their own: formats-test.jsonl.'),
};

const template = z.string().includes('{question}');
const wordings = (text: z.ZodString) =>
  text.array().min(1).optional().describe('Instead of the built-in wordings; names in braces are filled in.');

/** One format that records are turned into (R7). The original is always kept. */
export const VariantWish = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('freeForm'), ...common, templates: wordings(template) }),
  z.strictObject({
    format: z.literal('multipleChoice'),
    ...common,
    templates: wordings(template.includes('{options}')),
    options: z.int().min(2).max(8).default(4).describe('Options of one question; never every class there is.'),
  }),
  z.strictObject({ format: z.literal('yesNo'), ...common, templates: wordings(template.includes('{answer}')) }),
  z.strictObject({
    format: z.literal('json'),
    ...common,
    templates: wordings(template.includes('{keys}')),
    key: z.string().min(1).default('answer').describe('Name of the field, where the answer is not JSON already.'),
  }),
  z.strictObject({
    format: z.literal('number'),
    ...common,
    templates: wordings(template),
    unit: z
      .enum(['keep', 'strip'])
      .default('strip')
      .describe('strip: the question names the unit and the answer is the number alone.'),
  }),
]);
export type VariantWish = z.infer<typeof VariantWish>;
export type VariantName = VariantWish['format'];

/** Formats whose question says itself how it is to be answered, so that no template of the task is put around it. */
export const statedFormats: readonly string[] = ['multipleChoice', 'yesNo', 'json', 'number'] satisfies VariantName[];
