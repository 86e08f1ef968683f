/** What the gallery shows: facts and a sample of rows, whatever the size of the dataset. */
import type { DatasetManifest, LedgerRow, Split } from '../../../config/records.js';

export type Fate = LedgerRow['fate'];

export interface ShownPicture {
  /** Path from the dataset folder. */
  src: string;
  width: number;
  height: number;
}

/** A row as a card. Texts are cut to what a card holds. */
export interface CardRow {
  id: string | null;
  fate: Fate;
  split: Split | null;
  reason: string | null;
  /** What mends the reason. */
  remedy: string | null;
  detail: string | null;
  /** File and line. */
  place: string;
  pictures: ShownPicture[];
  turns: { role: string; text: string }[];
  answer: string | null;
  /** A worse answer to the same question. */
  worse: string | null;
  group: string | null;
  kind: string | null;
  quality: number | null;
  /** "multipleChoice of r12": what made the record, and of which. */
  from: string | null;
}

/** Rows shown side by side. */
export interface CardGroup {
  title: string;
  /** Indexes into `rows`. */
  rows: number[];
  /** Whether something is wrong with them, rather than only worth a look. */
  bad: boolean;
}

export interface Histogram {
  id: string;
  title: string;
  /** What a value is, and of how many it is told. */
  about: string;
  bins: { from: number; to: number; count: number }[];
}

export interface GalleryView {
  name: string;
  manifest: DatasetManifest;
  /** Rows in the ledger. */
  total: number;
  fates: Record<Fate, number>;
  bySplit: Record<Split, number>;
  reasons: { fate: Fate; reason: string; rows: number; remedy: string | null }[];
  answers: { top: { answer: string; rows: number }[]; distinct: number };
  histograms: Histogram[];
  /** Records that contradict another: the same pictures and question, another answer. */
  conflicts: { records: number; groups: CardGroup[] };
  lookAlikes: { compared: number; groups: CardGroup[] };
  odd: CardGroup[];
  /** Records with pictures to look at first: indexes into `rows`. */
  glance: number[];
  rows: CardRow[];
}
