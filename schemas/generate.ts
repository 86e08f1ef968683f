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
import { CaptionProgress, RewriteProgress, RoundProgress, RunProgress } from '../config/progress.js';
import { BoostResult } from '../config/report.js';
import { ResolvedRecipe } from '../config/resolved.js';
import { Approval, ChampionEntry, RetrainInput, RetrainResult } from '../config/retraining.js';
import { RewriteInput, RewriteResult } from '../config/rewriting.js';
import { RecipeSettings } from '../config/settings.js';
import {
  AlignInput,
  AlignResult,
  BuiltData,
  DataStepInput,
  EvaluateInput,
  EvaluateResult,
  MixInput,
  MixResult,
  PromptResult,
  SanityResult,
  StagedInput,
  StagedResult,
  StepInput,
  SweepInput,
  SweepResult,
  TrainRunInput,
  TrainRunResult,
} from '../config/steps.js';
import { BoostInput, TaskFile } from '../config/task.js';
import { breaksOfInput, breaksOfResult, type Schema } from './breaks.js';

/** What others write: defaults may be left out. */
const inputs = {
  'alignPreferences.input': AlignInput,
  'boost.input': BoostInput,
  'boost.overrule': Overrule,
  'boost.extendBudget': ExtendBudget,
  'boost.stop': StopTraining,
  'buildDataset.input': StepInput,
  'captionImages.input': CaptionInput,
  'evaluate.input': EvaluateInput,
  'mixGeneric.input': MixInput,
  'promptFirst.input': DataStepInput,
  'retrain.approve': Approval,
  'retrain.input': RetrainInput,
  'rewriteRecords.input': RewriteInput,
  'sanityCheck.input': DataStepInput,
  'sweep.input': SweepInput,
  'trainRun.input': TrainRunInput,
  'trainStaged.input': StagedInput,
  recipe: RecipeSettings,
  resolvedRecipe: ResolvedRecipe,
  task: TaskFile,
};

/** What we write; `progress` is what the query of that name answers. `failure` stands in the details of a workflow's failure, whose type is its `type`. */
const results = {
  'alignPreferences.result': AlignResult,
  'boost.result': BoostResult,
  'boost.progress': RunProgress,
  'boost.decision': RecordedDecision,
  'buildDataset.result': BuiltData,
  'captionImages.progress': CaptionProgress,
  'captionImages.result': CaptionResult,
  'evaluate.result': EvaluateResult,
  'mixGeneric.result': MixResult,
  'promptFirst.result': PromptResult,
  'retrain.champion': ChampionEntry,
  'retrain.progress': RoundProgress,
  'retrain.result': RetrainResult,
  'rewriteRecords.progress': RewriteProgress,
  'rewriteRecords.result': RewriteResult,
  'sanityCheck.result': SanityResult,
  'sweep.result': SweepResult,
  'trainRun.result': TrainRunResult,
  'trainStaged.result': StagedResult,
  failure: Problem,
};

interface SchemaFile {
  /** Such as boost.input. */
  name: string;
  file: string;
  type: z.ZodType;
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
  return Object.entries(schemas).map(([name, type]) => ({
    name,
    file: fileURLToPath(new URL(`./${name}.schema.json`, import.meta.url)),
    type,
    schema: z.toJSONSchema(type, { io, override: byReference }) as Schema,
    breaks,
  }));
}

/** The resolved recipe is long and in the input of every step: they name its file. */
function byReference({
  zodSchema,
  jsonSchema,
  path,
}: {
  zodSchema: object;
  jsonSchema: object;
  path: unknown[];
}): void {
  if (zodSchema !== ResolvedRecipe || path.length === 0) return;
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
  const description = 'What the activity resolveRecipe returns.';
  Object.assign(jsonSchema, { $ref: 'resolvedRecipe.schema.json', description });
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
