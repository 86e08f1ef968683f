import { z } from 'zod';

/** One generic dataset (R12): where it lies, which of its files are meant, and under what terms. */
export const GenericSource = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and dashes')
    .describe('Names it in the report and in the manifest.'),
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, 'write it as owner/name')
    .optional()
    .describe('Dataset on the hub, as owner/name.'),
  folder: z.string().optional().describe('Folder that holds its files already, instead of the hub.'),
  revision: z.string().default('main').describe('Branch, tag or commit.'),
  files: z.array(z.string()).min(1).describe('Record files, as paths or patterns with * and **.'),
  images: z.array(z.string()).default([]).describe('Files of pictures, where records name them by path.'),
  columns: z
    .union([z.literal('sniff'), z.record(z.string(), z.string())])
    .default('sniff')
    .describe('sniff tells the format by the content; an object names the columns of id, image, question and answer.'),
  licence: z.string().describe('As its page says, such as apache-2.0; unknown where it says none.'),
  language: z.string().describe('ISO 639-1 code.'),
  type: z.enum(['caption', 'instruction']).describe('Captions and instructions are mixed in as two types (R12).'),
  reference: z.string().optional().describe('Page or paper that describes it.'),
});
export type GenericSource = z.infer<typeof GenericSource>;
export type GenericSourceInput = z.input<typeof GenericSource>;

/** Terms that allow business use. Anything else has to be named in `generic.licences`. */
export const businessLicences = [
  'apache-2.0',
  'mit',
  'bsd-2-clause',
  'bsd-3-clause',
  'cc0-1.0',
  'cc-by-4.0',
  'odc-by',
  'cdla-permissive-2.0',
];

const allava = {
  repository: 'FreedomIntelligence/ALLaVA-4V',
  images: ['allava_*/image_chunks/*'],
  licence: 'apache-2.0',
  language: 'en',
  reference: 'https://arxiv.org/abs/2402.11684',
};

/**
 * Sources by name. Columns that are not documented are sniffed. A licence is what the page was known to say; the one of
 * the dataset's card is read as well, and both must be allowed.
 */
const known: GenericSourceInput[] = [
  { id: 'allava-4v-instruct', ...allava, files: ['allava_*/ALLaVA-Instruct-*-4V.json'], type: 'instruction' },
  { id: 'allava-4v-caption', ...allava, files: ['allava_*/ALLaVA-Caption-*-4V.json'], type: 'caption' },
  {
    id: 'sharegpt-4o-zh',
    repository: 'LYM2024/share_gpt4o_zh',
    files: ['**/*.parquet', '**/*.jsonl', '**/*.json'],
    images: ['**/*.zip', '**/*.tar'],
    licence: 'unknown',
    language: 'zh',
    type: 'caption',
    reference: 'https://huggingface.co/datasets/LYM2024/share_gpt4o_zh',
  },
  {
    id: 'sharegpt-4o',
    repository: 'OpenGVLab/ShareGPT-4o',
    files: ['**/*.jsonl', '**/*.json'],
    images: ['images.zip', '**/images.zip'],
    licence: 'unknown',
    language: 'en',
    type: 'caption',
    reference: 'https://huggingface.co/datasets/OpenGVLab/ShareGPT-4o',
  },
  {
    id: 'sharegpt4v',
    repository: 'Lin-Chen/ShareGPT4V',
    files: ['sharegpt4v_*.json', 'share-captioner_*.json'],
    licence: 'cc-by-nc-4.0',
    language: 'en',
    type: 'caption',
    reference: 'https://arxiv.org/abs/2311.12793',
  },
];

export const genericSources: ReadonlyMap<string, GenericSource> = new Map(
  known.map((source) => [source.id, GenericSource.parse(source)]),
);

/** A source as a task wishes it: what is asked of it before a byte is fetched. */
export const GenericWish = z.strictObject({
  source: GenericSource,
  licences: z.array(z.string()).describe('Those that are allowed.'),
  maximumBytes: z.number().positive().describe('Above it nothing is fetched.'),
});
export type GenericWish = z.infer<typeof GenericWish>;

/** What the manifest notes of a source: the same wherever it was found. */
export const SourceTerms = z.strictObject({
  id: z.string(),
  repository: z.string().nullable(),
  commit: z.string().nullable().describe('Null for a folder, or a mirror that does not say.'),
  licence: z.string(),
  cardLicence: z.string().nullable().describe('As the dataset’s card says it.'),
  language: z.string(),
  type: GenericSource.shape.type,
});
export type SourceTerms = z.infer<typeof SourceTerms>;

/** A source that lies on this machine. */
export const FoundSource = SourceTerms.extend({
  from: z.enum(['folder', 'cache', 'hub']),
  folder: z.string().describe('Where its files lie.'),
  inside: z
    .string()
    .describe('The folder that its links may not leave: of a hub’s cache the one of the whole dataset.'),
  files: z.array(z.string()).describe('Record files, relative to the folder; 200 at most.'),
  patterns: z.array(z.string()).describe('Those of the source’s patterns that fit a file.'),
  images: z.int().nonnegative().describe('Files of pictures.'),
  bytes: z.number().nonnegative(),
});
export type FoundSource = z.infer<typeof FoundSource>;
