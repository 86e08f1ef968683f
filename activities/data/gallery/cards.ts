/** Rows and records as cards. Pure. */
import type { LedgerRow, Split, TaskRecord } from '../../../config/records.js';
import { exchangeOf, placedPictures, textWithPlaces } from '../export/turns.js';
import { remedies } from '../faults.js';
import type { CardRow, ShownPicture } from './view.js';

/** Characters of a text that a card holds. */
const shownCharacters = 1200;
/** Turns before the answer; of a longer conversation the last ones are shown. */
const shownTurns = 8;

/** Stands in a text where a picture does. */
const pictureSign = '▣';

export function recordCard(record: TaskRecord, split: Split, row: LedgerRow | undefined): CardRow {
  const { asked, answer } = exchangeOf(record);
  const { id, group, kind, quality, from, rejected } = record;
  return {
    ...emptyCard,
    id,
    fate: 'used',
    split,
    detail: row?.detail ?? null,
    place: row ? `${row.source}:${row.line}` : '',
    pictures: placedPictures(record).map((src) => ({ src, width: 0, height: 0 })),
    turns: asked
      .slice(-shownTurns)
      .map((message) => ({ role: message.role, text: cut(textWithPlaces(message, pictureSign)) })),
    answer: cut(answer),
    worse: rejected === undefined ? null : cut(rejected),
    group,
    kind: kind ?? null,
    quality: quality ?? null,
    from: from ? `${from.by} of ${from.record}` : null,
  };
}

/** Of a row that is not used only the ledger knows. */
export function ledgerCard({ id, fate, split, reason, detail, source, line }: LedgerRow): CardRow {
  return { ...emptyCard, id, fate, split, reason, remedy: remedyOf(reason), detail, place: `${source}:${line}` };
}

export function remedyOf(reason: string | null): string | null {
  return reason !== null && Object.hasOwn(remedies, reason) ? remedies[reason as keyof typeof remedies] : null;
}

/** The card with the sizes of its pictures; a picture that is not there any more is left out. */
export function sized(card: CardRow, sizes: ReadonlyMap<string, ShownPicture>): CardRow {
  return { ...card, pictures: card.pictures.flatMap(({ src }) => sizes.get(src) ?? []) };
}

const emptyCard: Omit<CardRow, 'fate' | 'place'> = {
  id: null,
  split: null,
  reason: null,
  remedy: null,
  detail: null,
  pictures: [],
  turns: [],
  answer: null,
  worse: null,
  group: null,
  kind: null,
  quality: null,
  from: null,
};

function cut(text: string): string {
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
