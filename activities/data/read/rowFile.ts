/** What all row files have in common. */
import path from 'node:path';
import type { DataSource, SourceFile } from '../../../config/resolved.js';
import type { Opening, RowFile } from './format.js';

/** A row file without its rows; pictures are looked up beside the file, or where the task says. */
export function rowFile({ file, named, settings, start }: Opening, format: string): Omit<RowFile, 'rows'> {
  const folder = settings.images ?? (start.isFolder ? file : path.dirname(file));
  return { named, format, settings, folder, notes: [], questions: [] };
}

/** What a file of a source is called in the ledger: the same on every machine. */
export function nameIn({ root }: Pick<DataSource, 'root'>, { path: file, base }: SourceFile): string {
  return base ? `${base.name}/${nameOf(file, base.folder)}` : nameOf(file, root);
}

export function nameOf(file: string, root: string): string {
  const relative = path.relative(root, file);
  const inside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return (inside ? relative : path.basename(file)).split(path.sep).join('/').normalize('NFC');
}
