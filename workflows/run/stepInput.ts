import { workflowInfo } from '@temporalio/workflow';
import type { z } from 'zod';
import type { StepInput } from '../../config/steps.js';
import { checksStepInput } from '../changes.js';
import { parseInput } from '../failures.js';

/**
 * The input of a step, checked where somebody started it alone. A run checked its own when it began; what an earlier version
 * resolved is taken as it is, without the settings made since.
 */
export function stepInput<Input extends StepInput>(schema: z.ZodType<Input>, given: Input): Input {
  if ((given as Input | undefined)?.reportTo || !checksStepInput()) return given;
  const { workflowType } = workflowInfo();
  const where = `the input of ${workflowType}, whose schema is schemas/${workflowType}.input.schema.json; boost makes it from a task`;
  return parseInput(schema, given, { recipe: 'the result of the activity resolveRecipe' }, where);
}
