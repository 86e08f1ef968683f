import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

/** The known word nearest to a mistyped one, if it is near enough to be meant. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(word.toLowerCase(), known as string[]);
  return distance(word.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, Math.floor(word.length / 3))
    ? nearest
    : undefined;
}

/** One fault of an input: where it is in the object, and what is wrong with it, with a suggestion where one is near. */
export interface InputFault {
  path: (string | number)[];
  says: string;
}

interface ShapeLike {
  shape?: Record<string, unknown>;
  unwrap?: () => ShapeLike;
  def?: { innerType?: ShapeLike; options?: ShapeLike[]; element?: ShapeLike };
}

const hasShape = ({ shape }: ShapeLike) => shape !== undefined;

/** Keys that a schema knows at a path; empty where it is not an object. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: ShapeLike | undefined = schema as unknown as ShapeLike;
  const open = () => {
    while (at && !at.shape && (at.def?.innerType ?? at.def?.options))
      at = at.def.innerType ?? at.def.options?.find(hasShape);
  };
  open();
  for (const key of path) {
    at = typeof key === 'number' ? at?.def?.element : (at?.shape?.[String(key)] as ShapeLike | undefined);
    open();
  }
  return Object.keys(at?.shape ?? {});
}

/** Of a choice the issues of the form that comes nearest: not those of one that is another kind of value altogether. */
function nearestBranch(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const near = issue.errors.find(
    (branch) => !branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  return near?.map((each) => ({ ...each, path: [...issue.path, ...each.path] })) ?? [issue];
}

/** Says every issue of a failed parse in words, unknown keys first: they are why another key is missing. */
export function describeIssues(schema: z.ZodType, error: z.ZodError): InputFault[] {
  const isUnknown = ({ code }: z.core.$ZodIssue) => Number(code === 'unrecognized_keys');
  const issues = error.issues.flatMap(nearestBranch).toSorted((a, b) => isUnknown(b) - isUnknown(a));
  return issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
      return [{ path, says: `it is missing (${issue.expected}).` }];
    if (issue.code !== 'unrecognized_keys') return [{ path, says: issue.message }];
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => {
      const near = didYouMean(key, known);
      const hint = near ? ` Did you mean "${near}"?` : known.length > 0 ? ` Known here: ${known.join(', ')}.` : '';
      return { path: [...path, key], says: `unknown key "${key}".${hint}` };
    });
  });
}

/** A path as people write it: data.split.train. */
export function pathText(path: readonly (string | number)[]): string {
  return path.length === 0 ? 'the whole value' : path.join('.');
}
