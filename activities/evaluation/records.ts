/** The records of a training, in the order of their source, beside what the served model said to them. */
import path from 'node:path';
import { type AnswerKind, AnswerRow } from '../../config/evaluation.js';
import type { RecordFigures } from '../../config/probing.js';
import { LedgerRow } from '../../config/records.js';
import { type Given, type KnownRecord, recordFigures } from '../../workflows/policies/sanity/recordFigures.js';
import { readJsonLines, toPath } from '../storage/files.js';
import { chooseItems, type Item, readItems } from '../vlm/items.js';

export interface ProbeRecordsInput {
  /** URI of the built dataset. */
  datasetUri: string;
  /** Training records at most, chosen by the hash of seed and id as the trainer does. */
  limit: number;
  seed: number;
  answer: AnswerKind;
  /** Files of lines of AnswerRow; none before a training. */
  answersUris: string[];
}

/** Reads all splits but the test split, whose answers are for one decision only. Throws DatasetInvalid. */
export async function probeRecords(input: ProbeRecordsInput): Promise<RecordFigures> {
  const folder = toPath(input.datasetUri);
  const [train = [], ...others] = await Promise.all(
    (['train', 'dev', 'validation'] as const).map((split) => readItems(path.join(folder, `${split}.jsonl`))),
  );
  const trained = new Set(chooseItems(train, input.limit, input.seed).map(({ id }) => id));
  const places = await placesOf(path.join(folder, 'ledger.jsonl'));
  const records = [...train, ...others.flat()].map((item) => known(item, input.answer, { trained, places }));
  return recordFigures(records, await servedAnswers(input.answersUris));
}

interface Whereabouts {
  trained: ReadonlySet<string>;
  places: ReadonlyMap<string, number>;
}

function known(item: Item, kind: AnswerKind, { trained, places }: Whereabouts): KnownRecord {
  return {
    id: item.id,
    group: item.group,
    pictures: item.images.map((image) => path.basename(image)).join(' '),
    question: item.question,
    expected: item.expected,
    kind: item.answerKind ?? kind,
    trained: trained.has(item.id),
    place: places.get(item.id) ?? null,
  };
}

/** The number of each used row, in the order in which the sources were read. */
async function placesOf(ledger: string): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for await (const line of readJsonLines(ledger)) {
    const row = LedgerRow.parse(line);
    if (row.fate === 'used' && row.id !== null) places.set(row.id, places.size);
  }
  return places;
}

async function servedAnswers(uris: readonly string[]): Promise<Map<string, Given>> {
  const served = new Map<string, Given>();
  for (const uri of uris)
    for await (const line of readJsonLines(toPath(uri))) {
      const { id, given, score, outcome } = AnswerRow.parse(line);
      if (outcome !== 'excluded') served.set(id, { given, score });
    }
  return served;
}
