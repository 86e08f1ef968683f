/** Which proposals are about rows that the source does not hold any more. Reads the source; loads no picture. */

import type { DataSource } from '../../../config/resolved.js';
import type { Change } from '../../../config/rewriting.js';
import { RowFault } from '../../data/faults.js';
import type { FileSettings } from '../../data/read/format.js';
import { openRows, withFiles } from '../../data/read/rows.js';
import { tidy } from '../../data/records/answerText.js';
import { draftQuestion } from '../../data/records/draft.js';
import type { Reviews } from '../../data/records/reviews.js';
import { contentDigest } from '../propose.js';

/** Changes whose row has another question or answer now, or is gone. Those of rows that were reviewed before are left out. */
export async function staleChanges(
  source: DataSource,
  changes: readonly Change[],
  reviews: Reviews,
): Promise<Change[]> {
  const wanted = new Map<string, Change[]>();
  for (const change of changes) {
    if (isFollowUp(change, reviews)) continue;
    wanted.set(change.content, [...(wanted.get(change.content) ?? []), change]);
  }
  const listed = await withFiles(source);
  for (const file of listed.files) {
    if (wanted.size === 0) break;
    const { rows, settings } = await openRows(listed, file);
    for await (const { value } of rows) {
      const content = value === null ? null : contentOf(value, settings);
      if (content !== null) wanted.delete(content);
    }
  }
  return [...wanted.values()].flat();
}

/** The answer that it changes came from an earlier review: no row of the source holds it. */
function isFollowUp({ question, was }: Change, reviews: Reviews): boolean {
  return reviews.accepted(question).some((digest) => digest === was);
}

function contentOf(row: Record<string, unknown>, settings: FileSettings): string | null {
  try {
    const { messages, given } = draftQuestion(row, settings);
    return contentDigest({ messages, before: given === null ? null : tidy(given) });
  } catch (error) {
    if (error instanceof RowFault) return null; // A row that can't be used has no proposal either.
    throw error;
  }
}
