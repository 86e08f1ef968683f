/** A dataset's records and rows put into files by their ids, so that two datasets are compared a file at a time. */
import path from 'node:path';
import { splitNames } from '../../../config/records.js';
import { readJsonLines, sha256 } from '../../storage/files.js';
import { LineWriter } from '../build/lineWriter.js';
import type { StoredDataset } from '../dataset.js';
import type { Bucket } from './compare.js';
import { type RecordFacts, type RowFacts, recordFacts, rowFacts } from './facts.js';

/** A million records make files of some 5 MB each. */
export const bucketCount = 64;

function bucketOf(id: string): number {
  return Number.parseInt(sha256(id).slice(0, 4), 16) % bucketCount;
}

function fileOf(folder: string, side: string, bucket: number): string {
  return path.join(folder, `${side}-${bucket}.jsonl`);
}

/** Writes the buckets of one side. `folder` must be there. */
export async function writeBuckets(
  dataset: StoredDataset,
  { folder, side, heartbeat }: { folder: string; side: string; heartbeat: () => void },
): Promise<void> {
  const writers: LineWriter[] = [];
  try {
    for (let bucket = 0; bucket < bucketCount; bucket += 1)
      writers.push(await LineWriter.open(fileOf(folder, side, bucket)));
    for (const split of splitNames)
      for await (const record of dataset.records(split)) {
        await writers[bucketOf(record.id)]?.write({ record: recordFacts(record, split) });
        heartbeat();
      }
    for await (const ledgerRow of dataset.ledger()) {
      const row = rowFacts(ledgerRow);
      await writers[bucketOf(row.key)]?.write({ row });
      heartbeat();
    }
  } finally {
    for (const writer of writers) await writer.close();
  }
}

export async function readBucket(folder: string, side: string, bucket: number): Promise<Bucket> {
  const found: Bucket = { records: [], rows: [] };
  for await (const line of readJsonLines(fileOf(folder, side, bucket))) {
    const { record, row } = line as { record?: RecordFacts; row?: RowFacts };
    if (record) found.records.push(record);
    if (row) found.rows.push(row);
  }
  return found;
}
