/** What a built dataset says was found in it, by kind: the one place where findings are taken from. */
import path from 'node:path';
import { languageOf } from '../../activities/data/checks/language.js';
import { NearTexts } from '../../activities/data/checks/nearTexts.js';
import { personalDataIn } from '../../activities/data/checks/personalData.js';
import { readJson, readJsonLines } from '../../activities/storage/files.js';
import { problem } from '../../config/problems.js';
import {
  type DatasetChecks,
  DatasetManifest,
  LedgerRow,
  type Split,
  splitNames,
  TaskRecord,
} from '../../config/records.js';
import { captionIn } from './dataset.js';

export interface Findings {
  /** Lines by the code of the ledger: reasons of rejected rows, `sameRecord` for merged ones. */
  byReason: Map<string, Set<number>>;
  /** Lines that are kept on one side of the split with others, for a picture, a near copy of it, or a declared group. */
  groups: number[][];
  splits: Map<number, Split>;
  /** Clusters of lines. */
  nearTexts: number[][];
  languages: Map<number, string>;
  personal: Set<number>;
  /** What the build itself counted. */
  checks: DatasetChecks;
  counts: DatasetManifest['counts'];
}

export async function findingsOf(folder: string): Promise<Findings> {
  const manifest = DatasetManifest.parse(await readJson(path.join(folder, 'manifest.json')));
  const { checks, counts } = manifest;
  if (!checks)
    throw problem('InvalidInput', {
      what: 'The dataset says nothing of checks.',
      where: folder,
      todo: 'Build it anew: an earlier version made it.',
    });
  return { byReason: await ledgerOf(folder), checks, counts, ...(await linesOf(folder)) };
}

async function ledgerOf(folder: string): Promise<Findings['byReason']> {
  const byReason: Findings['byReason'] = new Map();
  for await (const line of readJsonLines(path.join(folder, 'ledger.jsonl'))) {
    const row = LedgerRow.parse(line);
    const reason = row.fate === 'merged' ? 'sameRecord' : row.fate === 'rejected' ? (row.reason ?? '') : null;
    if (reason !== null) byReason.set(reason, (byReason.get(reason) ?? new Set()).add(row.line));
  }
  return byReason;
}

/**
 * By line, from the records. The build counts languages and personal data and does not say where all of them are, and it looks
 * for near texts where there are no pictures: of these its checks are asked once more.
 */
async function linesOf(folder: string): Promise<Omit<Findings, 'byReason' | 'checks' | 'counts'>> {
  const texts = new NearTexts();
  const [lines, groups, splits] = [[] as number[], new Map<string, number[]>(), new Map<number, Split>()];
  const [languages, personal] = [new Map<number, string>(), new Set<number>()];
  for (const split of splitNames)
    for await (const value of readJsonLines(path.join(folder, `${split}.jsonl`))) {
      const record = TaskRecord.parse(value);
      const line = Number(record.id.slice(1));
      groups.set(record.group, [...(groups.get(record.group) ?? []), line]);
      splits.set(line, split);
      const text = captionIn(textOf(record));
      const language = languageOf(text);
      if (language !== null) languages.set(line, language);
      if (personalDataIn(text).length > 0) personal.add(line);
      lines[texts.add(text)] = line;
    }
  const { clusters } = texts.find();
  const alike = new Map<number, number[]>();
  for (const [handle, line] of lines.entries())
    alike.set(clusters.of(handle), [...(alike.get(clusters.of(handle)) ?? []), line]);
  return {
    groups: several(groups.values()),
    splits,
    languages,
    personal,
    nearTexts: several(alike.values()),
  };
}

function several(lists: Iterable<number[]>): number[][] {
  return [...lists].filter(({ length }) => length > 1);
}

function textOf({ messages }: TaskRecord): string {
  return (messages.at(-1)?.content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}
