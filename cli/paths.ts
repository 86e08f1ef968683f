/** Where things lie in the project folder's `.anneal`. Knows nothing of what is in the files. */
import path from 'node:path';

/** Everything that Anneal writes in a project lies in here. */
export function annealFolder(root: string): string {
  return path.join(root, '.anneal');
}

export function logFolder(root: string): string {
  return path.join(annealFolder(root), 'logs');
}

export function runsFolder(root: string): string {
  return path.join(annealFolder(root), 'runs');
}

/** Rewritings, each with its proposals and review files. */
export function rewritesFolder(root: string): string {
  return path.join(annealFolder(root), 'rewrites');
}

/** A path as people like to read it: relative to where they are, if that is shorter. */
export function shown(file: string, from = process.cwd()): string {
  const relative = path.relative(from, file);
  return relative !== '' && !relative.startsWith('..') ? relative : file;
}
