/** One pass over a dataset's files: counts over all of it, and a sample of its records and rows. */
import { fates, type LedgerRow, type Split, splitNames, type TaskRecord } from '../../../config/records.js';
import type { StoredDataset } from '../dataset.js';
import { exchangeOf, placedPictures, textWithPlaces } from '../export/turns.js';
import { AnswerCounts } from './answerCounts.js';
import { ledgerCard, recordCard, remedyOf } from './cards.js';
import { Conflicts } from './conflicts.js';
import { Odd } from './odd.js';
import { rankOf, StratifiedSample } from './sample.js';
import type { CardRow, Fate, GalleryView } from './view.js';

/** A page of so many cards opens on a phone; a smaller dataset is shown whole. */
const recordSample = { total: 3000, each: 300 };
const otherSample = { total: 1200, each: 40 };
const shownAnswers = 24;
const shownConflicts = 24;
/** Records of one question that are shown, and odd ones of one sort. */
const shownTogether = 6;

interface Sampled {
  record: TaskRecord;
  split: Split;
}

type Counts = Pick<GalleryView, 'total' | 'fates' | 'bySplit' | 'reasons'> & { answers: GalleryView['answers']['top'] };

export interface Surveyed extends Counts {
  cards: CardRow[];
  /** Cards whose rows contradict each other, or stand out; all are in `cards`. */
  conflicts: { records: number; groups: CardRow[][] };
  odd: { title: string; cards: CardRow[] }[];
}

/** Reads the records once, the ledger once, and the records again where some contradict each other. */
export async function survey(dataset: StoredDataset, heartbeat: (lines: number) => void): Promise<Surveyed> {
  const seen = new Survey(heartbeat);
  for (const split of splitNames) for await (const record of dataset.records(split)) seen.record(record, split);
  const conflicts = seen.conflicts.find(shownConflicts);
  const together = await recordsOf(dataset, conflicts.keys);
  const wanted = new Map<string, Sampled>();
  const groups = [...together.values(), ...seen.odd.groups().map(({ records }) => records)];
  for (const sampled of [...seen.sample.items(), ...groups.flat()]) wanted.set(sampled.record.id, sampled);
  const rows = new Map<string, LedgerRow>();
  for await (const row of dataset.ledger()) {
    seen.row(row);
    if (row.fate === 'used' && row.id !== null && wanted.has(row.id)) rows.set(row.id, row);
  }
  const cards = new Map(
    [...wanted].map(([id, { record, split }]) => [id, recordCard(record, split, rows.get(id))] as const),
  );
  const cardsOf = (records: Sampled[]) => records.flatMap(({ record }) => cards.get(record.id) ?? []);
  return {
    ...seen.counts(),
    cards: [...cards.values(), ...seen.others.items()],
    conflicts: { records: conflicts.records, groups: [...together.values()].map(cardsOf) },
    odd: seen.odd.groups().map(({ title, records }) => ({ title, cards: cardsOf(records) })),
  };
}

class Survey {
  readonly sample = new StratifiedSample<Sampled>(recordSample);
  readonly others = new StratifiedSample<CardRow>(otherSample);
  readonly conflicts = new Conflicts();
  readonly odd = new Odd<Sampled>(shownTogether);
  private readonly answers = new AnswerCounts();
  private readonly fates = new Map<Fate, number>();
  private readonly splits = new Map<Split, number>();
  private readonly reasons = new Map<string, { fate: Fate; reason: string; rows: number; remedy: string | null }>();
  private lines = 0;
  private readonly heartbeat: (lines: number) => void;

  constructor(heartbeat: (lines: number) => void) {
    this.heartbeat = heartbeat;
  }

  record(record: TaskRecord, split: Split): void {
    const { answer } = exchangeOf(record);
    this.splits.set(split, (this.splits.get(split) ?? 0) + 1);
    this.answers.add(answer);
    this.conflicts.add(questionOf(record), answer);
    this.sample.add(split, record.id, () => ({ record, split }));
    this.odd.add({ record, split }, record);
    this.beat();
  }

  row(row: LedgerRow): void {
    const { fate, id, source, line } = row;
    this.fates.set(fate, (this.fates.get(fate) ?? 0) + 1);
    this.beat();
    if (fate === 'used') return;
    const reason = row.reason ?? fate;
    const kind = this.reasons.get(`${fate} ${reason}`) ?? { fate, reason, rows: 0, remedy: remedyOf(reason) };
    this.reasons.set(`${fate} ${reason}`, { ...kind, rows: kind.rows + 1 });
    this.others.add(`${fate} ${reason}`, `${id ?? ''} ${source}:${line}`, () => ledgerCard(row));
  }

  counts(): Counts {
    const byFate = fates.map((fate) => [fate, this.fates.get(fate) ?? 0] as const);
    return {
      total: byFate.reduce((sum, [, rows]) => sum + rows, 0),
      fates: Object.fromEntries(byFate) as Record<Fate, number>,
      bySplit: Object.fromEntries(splitNames.map((name) => [name, this.splits.get(name) ?? 0])) as Record<
        Split,
        number
      >,
      reasons: [...this.reasons.values()].sort((one, other) => other.rows - one.rows),
      answers: this.answers.top(shownAnswers),
    };
  }

  private beat(): void {
    this.lines += 1;
    this.heartbeat(this.lines);
  }
}

/** Everything but the answer: two records that agree in it ask the same. */
function questionOf(record: TaskRecord): string {
  const { asked } = exchangeOf(record);
  return JSON.stringify([asked.map((message) => [message.role, textWithPlaces(message)]), placedPictures(record)]);
}

/** Some of the records that ask one of these questions, by question. */
async function recordsOf(dataset: StoredDataset, keys: ReadonlySet<number>): Promise<Map<number, Sampled[]>> {
  const found = new Map<number, Sampled[]>();
  if (keys.size === 0) return found;
  for (const split of splitNames)
    for await (const record of dataset.records(split)) {
      const key = rankOf(questionOf(record));
      const before = found.get(key) ?? [];
      if (keys.has(key) && before.length < shownTogether) found.set(key, [...before, { record, split }]);
    }
  return found;
}
