/** What a build did with every row, from manifest and ledger: for the screen and for programs. */
import type { StoredDataset } from '../../activities/data/dataset.js';
import { remedies } from '../../activities/data/faults.js';
import { type DatasetManifest, fates, type LedgerRow, splitNames } from '../../config/records.js';
import { columns } from '../shell.js';

type Fate = LedgerRow['fate'];

/** Rows that share a fate and its reason. */
export interface Kind {
  fate: Fate;
  reason: string;
  rows: number;
  /** The first of them: file, line and detail. */
  first: string;
  /** null where nothing is to be mended. */
  remedy: string | null;
}

export interface Findings {
  sources: DatasetManifest['sources'];
  fates: Record<Fate, number>;
  bySplit: DatasetManifest['counts']['bySplit'];
  images: number;
  /** Rows that are not used, the most frequent first. */
  notUsed: Kind[];
  repairs: Record<string, number>;
  notes: string[];
  questions: string[];
}

/** Reads the ledger once. */
export async function findingsOf(dataset: StoredDataset): Promise<Findings> {
  const counts = Object.fromEntries(fates.map((fate) => [fate, 0])) as Record<Fate, number>;
  const kinds = new Map<string, Kind>();
  for await (const { fate, reason, source, line, detail } of dataset.ledger()) {
    counts[fate] += 1;
    if (fate === 'used') continue;
    const named = reason ?? fate;
    const kind = kinds.get(`${fate} ${named}`);
    if (kind) kind.rows += 1;
    else {
      const first = `${source}, line ${line}${detail === null ? '' : `: ${detail}`}`.slice(0, 300);
      kinds.set(`${fate} ${named}`, { fate, reason: named, rows: 1, first, remedy: remedyOf(named) });
    }
  }
  const { sources, counts: counted, notes, questions } = dataset.manifest;
  const { bySplit, images, repairs } = counted;
  const notUsed = [...kinds.values()].sort((one, other) => other.rows - one.rows);
  return { sources, fates: counts, bySplit, images, notUsed, repairs, notes, questions };
}

function remedyOf(reason: string): string | null {
  return Object.hasOwn(remedies, reason) ? remedies[reason as keyof typeof remedies] : null;
}

const fateWords: Record<Fate, string> = {
  used: 'used',
  merged: 'merged with an equal row',
  rejected: 'rejected',
  waiting: 'waiting for an answer',
  leftOut: 'left out',
};

/** For a person: counts, then why rows are not used, then what they should know and are asked. */
export function findingLines(findings: Findings): string[] {
  const { sources, fates: counts, bySplit, images, notUsed, repairs, notes, questions } = findings;
  const read = Object.values(counts).reduce((sum, rows) => sum + rows, 0);
  const shownFates = fates.filter((fate) => counts[fate] > 0 || fate === 'used');
  const splits = splitNames.map((name) => `${name} ${bySplit[name] ?? 0}`).join(', ');
  return [
    `Read  ${read} rows of ${sources.map(({ path, format }) => `${path} (${format})`).join(', ')}`,
    ...columns(shownFates.map((fate) => ['', String(counts[fate]), fateWords[fate]])),
    `Split ${splits}; ${images} pictures`,
    ...section('Not used:', notUsed.flatMap(kindLines)),
    ...section('Repaired:', columns(Object.entries(repairs).map(([repair, rows]) => ['', String(rows), repair]))),
    ...section('Notes:', notes.map(item)),
    ...section('A person is asked:', questions.map(item)),
  ];
}

function kindLines({ fate, reason, rows, first, remedy }: Kind): string[] {
  return [
    `  ${rows} ${fate}: ${reason}`,
    `      first: ${first}`,
    ...(remedy === null ? [] : [`      do:    ${remedy}`]),
  ];
}

function item(text: string): string {
  return `  - ${text}`;
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', heading, ...lines];
}
