/** Which groups of a source are used, where the task wants only a share of them. */
import { sha256 } from '../../storage/files.js';

/**
 * By the group's name and the seed alone, and independent of its split: a larger weight keeps all that a smaller one
 * kept, and new data moves nothing.
 */
export function isKept(group: string, seed: number, weight: number): boolean {
  return weight >= 1 || Number.parseInt(sha256(`weight:${seed}:${group}`).slice(0, 13), 16) / 2 ** 52 < weight;
}
