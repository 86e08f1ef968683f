import type { CaptionCounts } from '../../config/captioning.js';
import type { DatasetRef } from '../../config/records.js';

/** One sentence for a person: what came of all pictures, and why some have no caption. */
export function captionVerdict(counts: CaptionCounts, dataset: DatasetRef | null): string {
  const { listed, used, merged, rejected, waiting, leftOut, byReason } = counts;
  const others = [
    merged > 0 ? `${merged} are the same as others` : '',
    rejected > 0 ? `${rejected} are rejected` : '',
    waiting > 0 ? `${waiting} wait for another run` : '',
    leftOut > 0 ? `${leftOut} are left out` : '',
  ].filter((part) => part !== '');
  const reasons = Object.entries(byReason)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 5)
    .map(([reason, count]) => `${reason} ${count}`);
  const fates = others.length > 0 ? `; ${others.join(', ')} (${reasons.join(', ')})` : '';
  const refused = dataset && dataset.rejected > 0 ? ` The import rejected ${dataset.rejected} of the captions.` : '';
  return `${used} of ${listed} pictures have a caption${fates}.${refused}`;
}
