/** How many training records of a dataset have a quality or a better one, for stages that train on those alone (R15). */
import path from 'node:path';
import { type DatasetRef, TaskRecord } from '../../../config/records.js';
import { readJsonLines } from '../../storage/files.js';

/** Reads train.jsonl once, and not at all where nothing is asked. */
export async function countOfQuality(
  folder: string,
  leastQualities: readonly number[],
  heartbeat: (rows: number) => void,
): Promise<NonNullable<DatasetRef['ofQuality']>> {
  const counts = leastQualities.map((least) => ({ least, records: 0 }));
  if (counts.length === 0) return counts;
  let rows = 0;
  for await (const line of readJsonLines(path.join(folder, 'train.jsonl'))) {
    heartbeat(++rows);
    const { quality = 1 } = TaskRecord.parse(line);
    for (const count of counts) if (quality >= count.least) count.records += 1;
  }
  return counts;
}
