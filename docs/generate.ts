/**
 * Fills the tables of docs/ from the zod contracts, the presets and the command line: `npx tsx docs/generate.ts`.
 * A table stands between `<!-- generated: NAME -->` and `<!-- end -->`; test/docs holds every one up to date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PidFile, StopRequest } from '../activities/training/jobFolder.js';
import { Augment } from '../config/augment.js';
import { ExtendBudget } from '../config/budget.js';
import { CaptionInput, captionReasons } from '../config/captioning.js';
import { Overrule } from '../config/decisions.js';
import { AnswerKind } from '../config/evaluation.js';
import { metrics } from '../config/metrics.js';
import { Problem } from '../config/problems.js';
import { TaskRecord } from '../config/records.js';
import { RetrainInput } from '../config/retraining.js';
import { RewriteInput } from '../config/rewriting.js';
import { Endpoint, ServeSpec } from '../config/serving.js';
import { RecipeSettings } from '../config/settings.js';
import { BoostInput, TaskFile } from '../config/task.js';
import {
  TrainerCapabilities,
  TrainingEvent,
  TrainingHeartbeat,
  TrainingResult,
  TrainingSpec,
} from '../config/training.js';
import { VariantWish } from '../config/variants.js';
import { commandTables } from './commandTables.js';
import { type JsonSchema, keyTable, loraPresetTable, presetTable, table, unionTable } from './schemaTables.js';

export const docsFolder = fileURLToPath(new URL('./', import.meta.url));

const given = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
const written = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'output' }) as JsonSchema;

const tables: Record<string, () => string> = {
  TaskFile: () => keyTable(given(TaskFile)),
  AnswerKind: () => unionTable(given(AnswerKind), 'kind'),
  VariantWish: () => unionTable(given(VariantWish), 'format'),
  Augment: () => keyTable(given(Augment)),
  BoostInput: () => keyTable(given(BoostInput)),
  RetrainInput: () => keyTable(given(RetrainInput)),
  RewriteInput: () => keyTable(given(RewriteInput)),
  CaptionInput: () => keyTable(given(CaptionInput)),
  captionReasons: () =>
    table(
      ['Reason', 'Meaning'],
      Object.entries(captionReasons).map(([reason, meaning]) => [`\`${reason}\``, meaning]),
    ),
  RecipeSettings: () => keyTable(given(RecipeSettings)),
  Presets: presetTable,
  LoraPresets: loraPresetTable,
  Overrule: () => keyTable(given(Overrule)),
  ExtendBudget: () => keyTable(given(ExtendBudget)),
  TrainingSpec: () => keyTable(given(TrainingSpec)),
  TrainingEvent: () => unionTable(written(TrainingEvent), 'event'),
  TrainingResult: () => keyTable(written(TrainingResult)),
  TrainerCapabilities: () => keyTable(written(TrainerCapabilities)),
  TrainingHeartbeat: () => keyTable(written(TrainingHeartbeat)),
  TaskRecord: () => keyTable(written(TaskRecord)),
  PidFile: () => keyTable(written(PidFile)),
  StopRequest: () => keyTable(written(StopRequest)),
  ServeSpec: () => keyTable(given(ServeSpec)),
  Endpoint: () => keyTable(written(Endpoint)),
  Problem: () => keyTable(written(Problem)),
  metrics: () =>
    table(
      ['Metric', 'Kind', 'Labels', 'Meaning'],
      Object.values(metrics).map(({ name, kind, labels, about }) => [
        `\`${name}\``,
        kind,
        labels.map((label) => `\`${label}\``).join(', '),
        about,
      ]),
    ),
  ...commandTables(),
};

/** The text with every table in it made anew. Throws for a name that no table has. */
export function withTables(text: string): string {
  return text.replaceAll(
    /(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      const make = tables[name];
      if (!make) throw new Error(`No table is called "${name}"; there are ${Object.keys(tables).join(', ')}.`);
      return `${start}\n${make()}\n\n${end}`;
    },
  );
}

/** Name and text of every page of docs/. */
export function pages(): Map<string, string> {
  const names = readdirSync(docsFolder).filter((name) => name.endsWith('.md'));
  return new Map(names.map((name) => [name, readFileSync(`${docsFolder}${name}`, 'utf8')]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of pages()) writeFileSync(`${docsFolder}${name}`, withTables(text));
}
