import { z } from 'zod';
import { problem } from '../../config/problems.js';
import { readJsonLines, toPath } from '../storage/files.js';

/** The lines of a file of answers. Throws DatasetInvalid for a line of another shape. */
export async function* parsedLines<Line>(uri: string, schema: z.ZodType<Line>): AsyncGenerator<Line> {
  const file = toPath(uri);
  let line = 0;
  for await (const value of readJsonLines(file)) {
    line += 1;
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw problem('DatasetInvalid', {
        what: `An answer has another shape: ${z.prettifyError(parsed.error)}`,
        where: `${file}, record ${line}`,
        todo: 'Remove the file; the step that makes it writes it again.',
      });
    }
    yield parsed.data;
  }
}
