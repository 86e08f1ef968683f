/** Writes the Python side's JSON Schemas from the zod contracts: `npx tsx trainer/make_schemas.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AveragesFigures, AveragesSpec } from '../config/averaging.js';
import { ProbeFigures, ProbeSpec } from '../config/probing.js';
import { TaskRecord } from '../config/records.js';
import { TrainingEvent, TrainingResult, TrainingSpec } from '../config/training.js';

/** Where the committed schemas lie. */
export const schemaFolder = fileURLToPath(new URL('./anneal_trainer/schema/', import.meta.url));

const schemas = {
  // What people and programs write may leave defaults out; what the trainer writes is complete.
  spec: z.toJSONSchema(TrainingSpec, { io: 'input' }),
  event: z.toJSONSchema(TrainingEvent, { io: 'output' }),
  result: z.toJSONSchema(TrainingResult, { io: 'output' }),
  record: z.toJSONSchema(TaskRecord, { io: 'output' }),
  probe: z.toJSONSchema(ProbeSpec, { io: 'input' }),
  probeFigures: z.toJSONSchema(ProbeFigures, { io: 'output' }),
  averages: z.toJSONSchema(AveragesSpec, { io: 'input' }),
  averagesFigures: z.toJSONSchema(AveragesFigures, { io: 'output' }),
};

/** File name and text of every schema. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    Object.entries(schemas).map(([name, schema]) => [`${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of schemaFiles()) writeFileSync(`${schemaFolder}${name}`, text);
}
