/** JSON Lines that a person wrote: every fault is told with its line and what to write instead. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type ProblemType, problem } from '../../config/problems.js';
import { unlessMissing } from '../processes/there.js';

/** Empty lines are skipped. Throws a problem of the given type for a file or line that is not as it should be. */
export async function readPersonsLines<Line>(
  file: string,
  schema: z.ZodType<Line>,
  { type, todo }: { type: ProblemType; todo: string },
): Promise<Line[]> {
  const text = await unlessMissing(readFile(file, 'utf8'));
  if (text === null) throw problem(type, { what: 'There is no such file.', where: file, todo: 'Correct its path.' });
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = schema.safeParse(jsonOf(line));
    if (parsed.success) return [parsed.data];
    const what = `A line of ${path.basename(file)} has another shape: ${z.prettifyError(parsed.error)}`;
    throw problem(type, { what, where: `${file}, line ${index + 1}`, todo });
  });
}

/** Text that is no JSON has the shape of none. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
