/** Sets the training records of high quality apart, for the fine stage (R15). */
import { randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Decision } from '../../../config/decisions.js';
import type { QualitySettings } from '../../../config/quality.js';
import { TaskRecord } from '../../../config/records.js';
import { planFineStage, QualityCounts } from '../../../workflows/policies/fineStage.js';
import { readJsonLines } from '../../storage/files.js';
import { Draws } from '../convert/draws.js';
import { LineWriter } from './lineWriter.js';

export interface FineSet {
  /** Records in train-fine.jsonl; null where there is no such file, for the fine stage uses all of train.jsonl. */
  count: number | null;
  /** Of the content of train-fine.jsonl. */
  digest: string | null;
  decision: Decision<string>;
}

/** Reads train.jsonl of a dataset folder twice, and writes train-fine.jsonl beside it where records differ in quality. */
export async function writeFineSet(
  folder: string,
  { settings, seed, heartbeat }: { settings: QualitySettings; seed: number; heartbeat: (rows: number) => void },
): Promise<FineSet> {
  const counts = new QualityCounts();
  let rows = 0;
  for await (const { quality, kind } of trainRecords(folder)) {
    counts.add(quality, kind);
    heartbeat(++rows);
  }
  const { decision, isFine } = planFineStage(counts, settings);
  if (decision.verdict !== 'fineSet') return { count: null, digest: null, decision };
  const file = path.join(folder, 'train-fine.jsonl');
  const partial = `${file}.${randomUUID()}.partial`;
  let count = 0;
  const digest = await LineWriter.writing(partial, async (writer) => {
    for await (const record of trainRecords(folder)) {
      heartbeat(++rows);
      if (!isFine(record, new Draws(seed, record.from?.record ?? record.id, 'replay').next())) continue;
      await writer.write(record);
      count += 1;
    }
  });
  await rename(partial, file);
  return { count, digest, decision };
}

async function* trainRecords(folder: string): AsyncGenerator<TaskRecord> {
  for await (const line of readJsonLines(path.join(folder, 'train.jsonl'))) yield TaskRecord.parse(line);
}
