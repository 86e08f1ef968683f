import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The package's own folder: the embedded model, its generic data, the trainer and the examples are in it. The nearest one
 * above with a package.json, for the compiled program lies deeper than its sources.
 */
export const packageFolder = above(path.dirname(fileURLToPath(import.meta.url)));

function above(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('The program lies in no folder with a package.json: it was taken apart.');
  return above(parent);
}
