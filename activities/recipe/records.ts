/** The sources that a task names, as the build takes them. */
import path from 'node:path';
import { ProblemError, problem } from '../../config/problems.js';
import type { DataSource, FieldNames, SourceFile } from '../../config/resolved.js';
import type { RecordsEntry } from '../../config/task.js';
import { withFiles } from '../data/read/rows.js';

/** Without the keys that hold undefined: a payload has no place for them. */
export function given<Entry extends object>(entry: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as Entry;
}

/** Paths become absolute; names of fields that the entry leaves out are the task's. */
export function sourceFile(entry: RecordsEntry, folder: string, taskFields: FieldNames): SourceFile {
  if (typeof entry === 'string') return { path: path.resolve(folder, entry) };
  const { path: written, images, fields, ...told } = entry;
  return given({
    ...told,
    path: path.resolve(folder, written),
    images: images === undefined ? undefined : path.resolve(folder, images),
    fields: fields === undefined ? undefined : { ...taskFields, ...given(fields) },
  }) as SourceFile;
}

/** Throws `InvalidInput` where an entry leads to no file, naming the entry. */
export async function requireFiles(source: DataSource, entry: SourceFile, where: string): Promise<void> {
  try {
    await withFiles({ ...source, files: [entry] });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { what, where: file, todo } = error.problem;
    throw problem('InvalidInput', { what, where: `${where}: ${file}`, todo }, { cause: error });
  }
}
