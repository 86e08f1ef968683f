import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { readJsonLines, toPath } from '../storage/files.js';

/** The lines of a file of ours; `todo` mends one of another shape, which throws DatasetInvalid. */
export async function* parsedLines<Line>(
  uri: string,
  schema: z.ZodType<Line>,
  todo = 'Remove the file; the step that makes it writes it again.',
): AsyncGenerator<Line> {
  const file = toPath(uri);
  let line = 0;
  for await (const value of readJsonLines(file)) {
    line += 1;
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw problem('DatasetInvalid', {
        what: `A line has another shape: ${z.prettifyError(parsed.error)}`,
        where: `${file}, record ${line}`,
        todo,
      });
    }
    yield parsed.data;
  }
}
