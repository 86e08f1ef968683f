import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation } from '@temporalio/workflow';
import type { z } from 'zod';
import { describeProblem, nonRetryableProblems, type Problem, type ProblemType } from '../config/problems.js';
import { describeIssues, pathText } from '../config/suggest.js';

/** A problem as Temporal's failure: anything else thrown in a workflow would be retried for ever. */
export function failure(problem: Problem): ApplicationFailure {
  const made = ApplicationFailure.create({
    type: problem.type,
    message: describeProblem(problem),
    nonRetryable: nonRetryableProblems.includes(problem.type),
    details: [problem],
  });
  return problem.type === 'Internal' ? made : withoutStack(made);
}

/** The UI prints the stack under the message, which it repeats; a person whose input is wrong has no use for our lines. */
function withoutStack(made: ApplicationFailure): ApplicationFailure {
  made.stack = '';
  return made;
}

/** Parses the one argument that the UI's box gives: must be one JSON object; every fault is said with its remedy. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  example: object,
  where = 'the input of this run',
): z.output<Schema> {
  const shape = shapeFault(raw);
  const parsed = schema.safeParse(raw ?? {});
  if (!shape && parsed.success) return parsed.data;
  const faults = shape || parsed.success ? [] : describeIssues(schema, parsed.error);
  throw failure({
    type: 'InvalidInput',
    what:
      shape ??
      faults
        .map(({ path, says }) => `${pathText(path)}: ${says}`)
        .slice(0, 8)
        .join('\n'),
    where,
    todo: `Give one JSON object, such as ${JSON.stringify(example)}`,
  });
}

function shapeFault(raw: unknown): string | undefined {
  if (raw === undefined || raw === null) return `There is no input${raw === null ? ': it is null' : ''}.`;
  if (Array.isArray(raw)) return 'The input is a list; it must be one object, without the square brackets.';
  if (typeof raw === 'string') {
    const quoted = raw.trimStart().startsWith('{') ? ' Remove the quotes around the object.' : '';
    return `The input is a text (${JSON.stringify(raw.slice(0, 40))}); it must be one object.${quoted}`;
  }
  if (typeof raw !== 'object') return `The input is a ${typeof raw}; it must be one object.`;
  return undefined;
}

/** The error at the bottom of the chain: the activity's or the child's own words. */
export function rootOf(error: unknown): unknown {
  let at = error;
  while ((at instanceof ActivityFailure || at instanceof ChildWorkflowFailure) && at.cause) at = at.cause;
  return at;
}

/** Ends the workflow with the root's words rather than «Activity task failed»; a cancellation stays one. */
export function rethrowRoot(error: unknown): never {
  const root = rootOf(error);
  if (isCancellation(error) || !(root instanceof ApplicationFailure)) throw error;
  const { type, message, details } = root;
  throw withoutStack(
    ApplicationFailure.create({ type: type ?? 'Internal', message, nonRetryable: true, details: details ?? [] }),
  );
}

/** Whether an activity or child failed with a problem of this type. */
export function isProblem(error: unknown, type: ProblemType): boolean {
  const root = rootOf(error);
  return root instanceof ApplicationFailure && root.type === type;
}
