/**
 * The JSON Schemas of what other platforms send and get, from the zod schemas: `npx tsx schemas/generate.ts`. Refuses a change
 * that breaks somebody, and says what it breaks; `--breaking` writes it all the same, for a version whose number says so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ExtendBudget, StopTraining } from '../config/budget.js';
import { CaptionInput, CaptionResult } from '../config/captioning.js';
import { Overrule, RecordedDecision } from '../config/decisions.js';
import { Problem } from '../config/problems.js';
import { BoostResult } from '../config/report.js';
import { Approval, ChampionEntry, RetrainInput, RetrainResult } from '../config/retraining.js';
import { RewriteInput, RewriteResult } from '../config/rewriting.js';
import { RecipeSettings } from '../config/settings.js';
import { BoostInput, TaskFile } from '../config/task.js';
import { breaksOfInput, breaksOfResult, type Schema } from './breaks.js';

/** What others write: defaults may be left out. */
const inputs = {
  'boost.input': BoostInput,
  'boost.overrule': Overrule,
  'boost.extendBudget': ExtendBudget,
  'boost.stop': StopTraining,
  'captionImages.input': CaptionInput,
  'retrain.approve': Approval,
  'retrain.input': RetrainInput,
  'rewriteRecords.input': RewriteInput,
  recipe: RecipeSettings,
  task: TaskFile,
};

/** What we write. `failure` stands in the details of a workflow's failure, whose type is its `type`. */
const results = {
  'boost.result': BoostResult,
  'boost.decision': RecordedDecision,
  'captionImages.result': CaptionResult,
  'retrain.champion': ChampionEntry,
  'retrain.result': RetrainResult,
  'rewriteRecords.result': RewriteResult,
  failure: Problem,
};

interface SchemaFile {
  file: string;
  schema: Schema;
  breaks: (before: Schema, after: Schema) => string[];
}

/** Every schema as the program has it now. */
export const schemaFiles: SchemaFile[] = [
  ...filesOf(inputs, 'input', breaksOfInput),
  ...filesOf(results, 'output', breaksOfResult),
];

function filesOf(
  schemas: Record<string, z.ZodType>,
  io: 'input' | 'output',
  breaks: SchemaFile['breaks'],
): SchemaFile[] {
  return Object.entries(schemas).map(([name, schema]) => ({
    file: fileURLToPath(new URL(`./${name}.schema.json`, import.meta.url)),
    schema: z.toJSONSchema(schema, { io }) as Schema,
    breaks,
  }));
}

/** Null where there is none yet. */
export function committed(file: string): Schema | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const broken = schemaFiles.flatMap(({ file, schema, breaks }) => breaks(committed(file) ?? schema, schema));
  if (broken.length > 0 && !process.argv.includes('--breaking')) {
    process.stderr.write(`Not written, for it breaks those who rely on it:\n  ${broken.join('\n  ')}\n`);
    process.exit(1);
  }
  for (const { file, schema } of schemaFiles) writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
