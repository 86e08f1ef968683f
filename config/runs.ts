/** How runs are named. */

/** Bytes that the name of a folder may have, less the run id behind it and what is put before or behind for a moment. */
const longestName = 200;

/**
 * The name of a run, which is also its folder’s: the workflow’s id and the beginning of its first run id. An id may hold
 * anything, and any client chooses it; what would lead out of the folder of runs, or make no name there, becomes a dash.
 */
export function runNameOf(workflowId: string, firstRunId: string): string {
  const plain = workflowId.replace(/[/\\\p{Cc}\p{Cs}]/gu, '-');
  return `${cut(plain)}.${firstRunId.slice(0, 8)}`;
}

/** The beginning of a name that is too long; a character has four bytes at most. */
function cut(name: string): string {
  const bytes = encodeURIComponent(name).replace(/%../g, '-').length;
  return bytes <= longestName ? name : [...name].slice(0, longestName / 4).join('');
}
